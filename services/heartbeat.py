"""Whether there is a worker: each process writes a sign of life every minute, and pages that wait for a worker read the
newest one.

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

from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from uuid_utils.compat import uuid7

from models import Heartbeat
from models.heartbeat import PORTAL, WORKER
from services.purging import purge
from tenancy.clock import database_now
from tenancy.database import db, hardly_waiting

__all__ = ["PORTAL", "WORKER", "Absence", "away", "beat", "keep_beating", "tidy"]

EVERY = 60.0  # seconds between two signs of a process
AGAIN = 5.0  # seconds until the next try after one that could not be written
AWAY_AFTER = timedelta(minutes=3)  # without a sign; a busy machine may miss one
KEPT = timedelta(days=1)
_REMEMBERED = 15.0  # seconds that what was read counts

logger = logging.getLogger("crafter.heartbeat")
_read: WeakKeyDictionary[Engine, tuple[float, Absence | None]] = WeakKeyDictionary()


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
    newest = session.scalar(select(func.max(Heartbeat.beat_at)).where(Heartbeat.kind == WORKER))
    there = newest is not None and newest > database_now(session) - AWAY_AFTER
    return None if there else Absence(newest)


def beat(kind: str, process: UUID) -> bool:
    """Write a sign of life of this process; whether that could be done. It never raises for the database's sake."""
    try:
        now = database_now(db.session(), afresh=True)
        db.session.remove()
        with hardly_waiting(db.engine) as connection:
            found = connection.execute(update(Heartbeat).where(Heartbeat.id == process).values(beat_at=now))
            if not found.rowcount:
                row = {"id": process, "kind": kind, "host": socket.gethostname()[:100], "started_at": now}
                connection.execute(insert(Heartbeat).values(**row, beat_at=now))
            connection.commit()
    except SQLAlchemyError as error:
        db.session.remove()
        logger.warning("a sign of life could not be written (%s); tried again", type(error).__name__)
        return False
    return True


def keep_beating(kind: str, within: Callable[[], AbstractContextManager[object]]) -> threading.Event:
    """Write signs of life from now on, in a thread, each `within` a context of its own, until the event that comes back
    is set. To be called after any fork."""
    over, process = threading.Event(), uuid7()

    def run() -> None:
        pause = 0.0
        while not over.wait(pause):
            with within():
                pause = EVERY if beat(kind, process) else AGAIN

    threading.Thread(target=run, name="heartbeat", daemon=True).start()
    return over


def tidy() -> int:
    """Throw away the rows of processes that ended long ago; how many there were."""
    return purge(Heartbeat.id, Heartbeat.beat_at < database_now(db.session()) - KEPT)
