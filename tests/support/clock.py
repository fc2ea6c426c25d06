"""Other moments: at() moves this process's clock, DatabaseClock only the one that leases and windows go by,
move_ahead() both for good."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tenancy import clock


class DatabaseClock:
    """The database's clock in this process, on both databases, as far ahead as a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def leap(self, by: timedelta) -> None:
        """So much time passes at once; nothing else moves."""
        self.ahead += by

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """Until the block ends, every module that asks the database's clock asks this one."""
        real = clock.database_now
        asking = [module for module in list(sys.modules.values()) if vars(module).get("database_now") is real]

        def ahead(session: Any, afresh: bool = False) -> datetime:
            return real(session, afresh) + self.ahead

        try:
            for module in asking:
                module.database_now = ahead  # type: ignore[attr-defined]
            yield
        finally:
            for module in asking:
                module.database_now = real  # type: ignore[attr-defined]


_ahead = 0.0


def move_ahead(seconds: float) -> None:
    """From now on, and for good, this process and the database's clock are so far ahead. Called at the process's start,
    before anybody has taken the database's clock for themselves (tests/support/ahead)."""
    global _ahead
    with time_machine.travel(0):
        pass  # the first journey of a process takes its time, more than a second on a busy machine
    time_machine.travel(time.time() + seconds).start()
    _ahead = time.time() - time_machine.escape_hatch.time.time()
    real = clock.database_now
    clock.database_now = lambda session, afresh=False: real(session, afresh) + timedelta(seconds=_ahead)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Until the block ends it is `moment` (aware) and later, by Python's clock and by SQLite's `now` on connections
    made inside the block. PostgreSQL keeps its own time."""

    def shifted(connection: Any, _record: Any) -> None:
        if hasattr(connection, "create_function"):
            connection.create_function("strftime", 2, _strftime)

    event.listen(Engine, "connect", shifted)
    try:
        with time_machine.travel(moment):
            yield
    finally:
        event.remove(Engine, "connect", shifted)


def _strftime(pattern: str, what: str) -> str:
    """SQLite's own function for the one question this product asks it (tenancy/clock.py)."""
    assert what == "now", "only the present is known here"
    now = datetime.fromtimestamp(time.time() - _ahead, UTC)
    return now.strftime(pattern.replace("%f", f"{now.second:02d}.{now.microsecond // 1000:03d}"))
