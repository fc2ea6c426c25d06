"""What signs of life prove of the database that they stand in: that it is the one which was worked with, or perhaps an
older copy of it.

A sign names the run of the database in which it was given: on PostgreSQL since its server started, on SQLite since
somebody opened the file whom nobody was beside (tenancy/run.py). Whoever puts a copy back has to end a run for that, or
does it beneath programs that go on, and those remember how many signs they gave. Pure decisions: services/heartbeat.py
asks them, and the model check (tests/model/noticing_model.py) in every order of events.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from domain import moments

# A process that lives gives a sign every minute. After so long without any nobody was there, and all may have been put
# back. It is less than the two minutes after which nothing of before is under way any more.
STOOD_STILL = timedelta(seconds=100)


def somebody_was_here(newest: datetime | None, now: datetime, away: timedelta) -> bool:
    """Whether this database cannot have been put back since: `newest` is the newest sign given in its present run.
    `away`: a setting, where that is less."""
    return moments.is_recent(newest, now, min(away, STOOD_STILL))


def is_as_left(there: int, given: int) -> bool:
    """Whether the row of a process is no older than it left it: how many signs it counts, this one included, and how
    many the process gave before this one. 0 there: the row is not there."""
    return given == 0 or there > given


def stood_still(since_last: timedelta) -> bool:
    """Whether a process whose last sign is that long ago by its machine's clock, as it stands now, was not running."""
    return abs(since_last) >= STOOD_STILL
