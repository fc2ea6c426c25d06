"""Whether there is a worker, and whether anybody was here at all: each process writes a sign of life every minute, and
pages that wait for a worker read the newest one.

When the newest one of the database's present run is old, or there is none, nobody worked with this database for a
while, or it is a copy of then. The same when a process finds its own row older than it left it. Nothing in it can tell
which, so with that sign of life every tenant is marked to look back before it sends (domain/signs.py decides,
services/invoicing/looking_back.py looks).

Neither costs a page anything that it notices. A sign is written by a thread of its own, in a short transaction that
hardly waits for a lock; what is read is kept for a while.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Executable, Select, event, func, insert, literal, select, update
from sqlalchemy.exc import SQLAlchemyError
from uuid_utils.compat import uuid7

from domain import moments, signs
from domain.link import LinkState
from models import DueWork, Heartbeat, Tenant, TenantStatus
from models.due import COMPARE, new_stamp
from models.heartbeat import PORTAL, WORKER
from services.purging import purge
from settings import Times
from tenancy import run
from tenancy.clock import database_now
from tenancy.database import db, hardly_waiting

__all__ = [
    "PORTAL",
    "WORKER",
    "Absence",
    "ages",
    "away",
    "away_over",
    "beat",
    "beat_now",
    "everybody_looks_back",
    "keep_beating",
    "lately",
    "tidy",
]

EVERY = 60.0  # seconds between two signs of a process
AGAIN = 5.0  # seconds until the next try after one that could not be written
AWAY_AFTER = timedelta(minutes=3)  # without a sign; a busy machine may miss one
KEPT = timedelta(days=1)
_REMEMBERED = 15.0  # seconds that what was read counts
_PATIENCE = 10.0  # seconds that somebody who waits for a sign of life waits

logger = logging.getLogger("crafter.heartbeat")
_read: WeakKeyDictionary[Engine, tuple[float, Absence | None]] = WeakKeyDictionary()
_beating: WeakKeyDictionary[Engine, _Beating] = WeakKeyDictionary()


@dataclass(frozen=True)
class Absence:
    """There is no worker; `since` its last sign of life, None when there never was one."""

    since: datetime | None


def away() -> Absence | None:
    """The worker's absence, as of at most fifteen seconds ago; None while one is there."""
    engine = db.engine
    at, known = _read.get(engine, (-_REMEMBERED, None))
    if time.monotonic() - at >= _REMEMBERED:
        known = _absence()
        _read[engine] = time.monotonic(), known
    return known


def _absence() -> Absence | None:
    session = db.session()
    now = database_now(session)
    newest = session.scalar(_newest(now, AWAY_AFTER).where(Heartbeat.kind == WORKER))
    return None if moments.is_recent(newest, now, AWAY_AFTER) else Absence(newest)


def _newest(now: datetime, within: timedelta) -> Select[*tuple[datetime]]:
    """The newest sign of life; one that lies as far ahead as it may lie back was given before the clock was set back,
    and who lives gives another within a minute."""
    return select(func.max(Heartbeat.beat_at)).where(Heartbeat.beat_at <= now + within)


def away_over(length: timedelta) -> datetime | None:
    """Since when the worker is away, when that is longer than `length` ago: its last sign of life, or where there never
    was a worker the first portal's begin. None while it is not, and where nobody ever gave a sign."""
    session = db.session()
    now = database_now(session)
    newest = session.scalar(_newest(now, length).where(Heartbeat.kind == WORKER))
    since = newest or session.scalar(select(func.min(Heartbeat.started_at)).where(Heartbeat.kind == PORTAL))
    return since if since is not None and not moments.is_recent(since, now, length) else None


def ages() -> dict[str, float]:
    """How many seconds ago each kind of process last gave a sign on each machine, by `kind@host`; of the past day."""
    session = db.session()
    now = database_now(session)
    newest = select(Heartbeat.kind, Heartbeat.host, func.max(Heartbeat.beat_at))
    rows = session.execute(newest.group_by(Heartbeat.kind, Heartbeat.host))
    return {f"{kind}@{host}": (now - at).total_seconds() for kind, host, at in rows}


def beat(kind: str, process: UUID, gone_after: timedelta = Times.away, given: int = 0) -> int:
    """Write a sign of life of this process, which gave so many before; how many its row counts then, 0 when it could
    not be written. It never raises for the database's sake. When there is no sign in this run of the database that is
    recent, or the row of this process is not as it left it, everybody has to look back, and hold our books against
    theirs when there is none of `gone_after` in any run."""
    try:
        now = database_now(db.session(), afresh=True)
        db.session.remove()
        with hardly_waiting(db.engine) as connection:
            present, newest = run.name(connection), _newest(now, gone_after)
            in_this_run = connection.scalar(newest.where(Heartbeat.run == present))
            sign = {"beat_at": now, "run": present}
            mine = update(Heartbeat).where(Heartbeat.id == process).values(**sign, beats=Heartbeat.beats + 1)
            there = connection.scalar(mine.returning(Heartbeat.beats)) or 0
            as_left = signs.is_as_left(there, given)
            if not (as_left and signs.somebody_was_here(in_this_run, now, gone_after)):
                ever = connection.scalar(newest.where(Heartbeat.id != process))
                known = as_left and moments.is_recent(ever, now, gone_after)
                everybody_looks_back(connection.execute, now, compare=not known)
                when = f"since {ever}" if ever else "before, as far as it knows"
                logger.warning("whoever sends looks back first: nobody surely worked with this database %s", when)
            if not there:
                row = {"id": process, "kind": kind, "host": socket.gethostname()[:100], "started_at": now}
                connection.execute(insert(Heartbeat).values(**row, **sign, beats=1))
            connection.commit()
    except SQLAlchemyError as error:
        db.session.remove()
        logger.warning("a sign of life could not be written (%s); tried again", type(error).__name__)
        return 0
    return there or 1


def everybody_looks_back(carry_out: Callable[[Executable], object], now: datetime, compare: bool = True) -> None:
    """Mark all tenants, by who can carry statements out: since now this may be an older copy. It is no change that
    somebody made. Where there is a link the worker holds our books against theirs, as soon as it comes to it: but not
    (`compare`) when all that is known is that the programs, or the server, began anew."""
    carry_out(update(Tenant).values(look_back_since=now, row_version=Tenant.row_version))
    if not compare:
        return
    waits = select(DueWork).where(DueWork.tenant_id == TenantStatus.tenant_id, DueWork.what == COMPARE).exists()
    linked = select(
        TenantStatus.tenant_id, literal(COMPARE), literal(now, DueWork.due_at.type), literal(new_stamp(now))
    ).where(TenantStatus.link_state == LinkState.ACTIVE, ~waits)
    carry_out(insert(DueWork).from_select(["tenant_id", "what", "due_at", "stamp"], linked))


@dataclass
class _Beating:
    """A process that gives signs of life. `last` is when it began to write the newest, by this machine's clock: that of
    a machine which was put back to an earlier moment goes on where the world is, this value does not. `given`: how many
    its row counts. `lost`: a connection broke since, so the server may be another one."""

    kind: str
    process: UUID
    within: Callable[[], AbstractContextManager[object]]
    gone_after: timedelta
    last: float | None = None
    given: int = 0
    lost: bool = False

    def beat(self) -> bool:
        """Write one; whether that could be done."""
        at, lost, self.lost = time.time(), self.lost, False
        with self.within():
            written = beat(self.kind, self.process, self.gone_after, self.given)
        if written:
            self.last, self.given = at, written
        else:
            self.lost = self.lost or lost
        return bool(written)

    def beat_until_written(self) -> None:
        """Write one, trying for as long as somebody waits for it."""
        end = time.monotonic() + _PATIENCE
        while not self.beat() and time.monotonic() < end:
            time.sleep(0.1)

    @property
    def lately(self) -> bool:
        """Whether nobody can have been away, and nothing put back, without this process knowing."""
        if self.last is None or self.lost:
            return False
        since = timedelta(seconds=time.time() - self.last)
        return abs(since) < self.gone_after and not signs.stood_still(since)

    def lose(self, *_broken: object) -> None:
        """A connection broke."""
        self.lost = True


def keep_beating(
    kind: str,
    within: Callable[[], AbstractContextManager[object]],
    gone_after: timedelta = Times.away,
    then: Callable[[], object] = lambda: None,
) -> threading.Event:
    """Write signs of life from now on, in a thread, each `within` a context of its own, until the event that comes back
    is set. To be called after any fork. After each sign `then` is called: what fails in it is logged, and the signs go
    on."""
    over, mine = threading.Event(), _Beating(kind, uuid7(), within, gone_after)
    with within():
        run.join(db.engine)
        _beating[db.engine] = mine
        event.listen(db.engine, "invalidate", mine.lose)

    def go_on() -> None:
        pause = 0.0
        while not over.wait(pause):
            if mine.beat():
                pause = EVERY
                with within():
                    _do(then)
            else:
                pause = AGAIN

    threading.Thread(target=go_on, name="heartbeat", daemon=True).start()
    return over


def _do(what: Callable[[], object]) -> None:
    try:
        what()
    except Exception:
        db.session.remove()
        logger.exception("what follows a sign of life failed; tried again with the next one")


def lately() -> bool:
    """Whether this process gave a sign of life lately, so that it is known if everybody has to look back; also one that
    gives none. When not, it began just now, or its machine slept or was put back. Asks nothing."""
    mine = _beating.get(db.engine)
    return mine is None or mine.lately


def beat_now() -> bool:
    """Give the sign of life of this process at once, beside the caller's session; whether that could be done."""
    mine = _beating.get(db.engine)
    if mine is None:
        return True
    writing = threading.Thread(target=mine.beat_until_written, name="heartbeat at once", daemon=True)
    writing.start()
    writing.join(_PATIENCE + 1)
    return mine.lately


def tidy() -> int:
    """Throw away the rows of processes that ended long ago; how many there were."""
    return purge(Heartbeat.id, Heartbeat.beat_at < database_now(db.session()) - KEPT)
