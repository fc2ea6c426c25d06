"""The runs of reading relations and articles in: one of a kind at a time, how far it is, and the history of them.

A run is a row from its first moment. Whoever reads holds it with a lease and renews that while reading and storing; a
row without a lease waits for the worker, and one whose lease ran out (its process died) is taken again from the
beginning. What it stored by then stays, and stays counted.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain import moments
from domain.message import NOTHING, Message
from domain.notes import note
from domain.permissions import Actor
from models import SyncRun
from services.dependencies import Dependencies
from services.link import connection
from services.paging import Page, page_of
from services.transaction import write_transaction
from tenancy.clock import database_now, is_over
from tenancy.database import db

LINK_CHANGED = note("link.changed")
OUR_FAULT = note("run.our_fault")
LONGEST = timedelta(minutes=2)  # no lease is longer, or twice that for who sets it otherwise
_BEAT = 1.0  # seconds between two notes of how far it is


class Lost(Exception):
    """Somebody else holds the run by now."""


class Hold:
    """A run that is ours as long as we renew the lease. `since`: nothing of what we read is older than that."""

    def __init__(self, run: SyncRun, length: timedelta, now: datetime) -> None:
        self.run_id: UUID = run.id
        self.what = run.what
        self.since = now
        self.calls = 1  # how many calls were made, the present one included
        self._length = length
        self._leases = {run.lease_until}
        self._next = time.monotonic() + _BEAT

    def beat(self, calls: int, found: int) -> bool:
        """Note how far it is before a further call, and renew the lease, at most once a second. Whether it is ours."""
        self.calls = calls + 1
        if not self._is_due():
            return True
        try:
            with write_transaction() as session:
                run = self.locked(session)
                run.calls, run.found = calls, found
                self._renew(session, run)
        except Lost:
            return False
        return True

    def compared(self, done: int, found: int) -> None:
        """Note that so many rows of those found were compared with ours, and renew the lease, at most once a second.
        Raises Lost."""
        if self._is_due():
            with write_transaction() as session:
                self.stored(session, done, found)

    def stored(
        self, session: Session, done: int, found: int, *, added: int = 0, changed: int = 0, vanished: int = 0
    ) -> SyncRun:
        """Note in the caller's transaction what else it writes and how far the comparing is with that, and renew the
        lease; the run. Raises Lost."""
        run = self.locked(session)
        run.found, run.added, run.changed = found, run.added + added, run.changed + changed
        run.vanished += vanished
        run.unchanged = max(done - run.added - run.changed, 0)
        self._renew(session, run)
        return run

    def _is_due(self) -> bool:
        return time.monotonic() >= self._next

    def _renew(self, session: Session, run: SyncRun) -> None:
        was = run.lease_until
        run.lease_until = database_now(session) + self._length
        self._leases = {was, run.lease_until}  # whether the caller's transaction is committed is not known here
        self._next = time.monotonic() + _BEAT

    def hand_over(self) -> None:
        """Leave the run to the worker, which begins it anew. Raises Lost."""
        with write_transaction() as session:
            self.locked(session).lease_until = None

    def fail(self, why: Message, code: str = "") -> SyncRun:
        """End the run without a result. Raises Lost."""
        with write_transaction() as session:
            run = self.locked(session)
            run.finished_at, run.lease_until, run.complete = database_now(session), None, False
            run.error_code, run.error = code[:20], why
            return run

    def locked(self, session: Session) -> SyncRun:
        """The row, locked, inside the caller's transaction. Raises Lost when it is not ours any more."""
        query = select(SyncRun).where(SyncRun.id == self.run_id, SyncRun.finished_at.is_(None))
        run = session.scalars(query.with_for_update()).one_or_none()
        if run is None or run.lease_until is None or run.lease_until not in self._leases:
            raise Lost
        return run


def begin(deps: Dependencies, actor: Actor, what: str) -> Hold | None:
    """Begin a run of `relations` or `articles`; None when one is under way already."""
    length = _length(deps)
    with write_transaction() as session:
        connection.locked(session)  # one starter at a time in a tenant
        if session.scalars(_open(what)).first() is not None:
            return None
        now = database_now(session)
        run = SyncRun(what=what, started_at=now, by=actor.person_name, by_id=actor.person_id, lease_until=now + length)
        session.add(run)
        session.flush()
        return Hold(run, length, now)


def begin_or_take(deps: Dependencies, actor: Actor, what: str) -> Hold | None:
    """Begin a run, or take the one of this kind that waits for the worker; None when somebody holds it."""
    hold = begin(deps, actor, what)
    waits = under_way(what) if hold is None else None
    return take(deps, waits.id) if waits is not None else hold


def queue(deps: Dependencies, actor: Actor, what: str) -> None:
    """Leave a run to the worker from the start; nothing when one is under way already."""
    hold = begin(deps, actor, what)
    if hold is not None:
        hold.hand_over()
        deps.wake(actor.tenant_id)


def take(deps: Dependencies, run_id: UUID) -> Hold | None:
    """Take a run that waits, or whose holder fell silent; None when there is nothing to take (any more)."""
    length = _length(deps)
    with write_transaction() as session:
        query = select(SyncRun).where(SyncRun.id == run_id, SyncRun.finished_at.is_(None))
        run = session.scalars(query.with_for_update()).one_or_none()
        now = database_now(session)
        if run is None or moments.lasts(run.lease_until, now, LONGEST):
            return None
        run.lease_until, run.calls, run.found, run.unchanged = now + length, 0, 0, 0
        return Hold(run, length, now)


def get(run_id: UUID) -> SyncRun:
    """A run as it stands now."""
    return db.session.scalars(select(SyncRun).where(SyncRun.id == run_id)).one()


def waiting() -> list[SyncRun]:
    """The entered tenant's runs that nobody holds, oldest first."""
    now = database_now(db.session())
    free = is_over(SyncRun.lease_until, now, moments.furthest(now, LONGEST))
    query = select(SyncRun).where(SyncRun.finished_at.is_(None), free).order_by(SyncRun.started_at)
    return list(db.session.scalars(query))


def next_due() -> datetime | None:
    """From when on one of the entered tenant's runs can be taken and read; None when all ended."""
    now = database_now(db.session())
    leases = db.session.scalars(select(SyncRun.lease_until).where(SyncRun.finished_at.is_(None))).all()
    ends = [lease if lease and moments.lasts(lease, now, LONGEST) else now for lease in leases]
    return max(min(ends), connection.paused_until() or now) if leases else None


def under_way(what: str) -> SyncRun | None:
    """The run of this kind that did not end yet, if there is one."""
    return db.session.scalars(_open(what)).first()


def last_run(what: str) -> SyncRun | None:
    """The newest run of this kind that ended, failed or not."""
    return db.session.scalars(_ended(what)).first()


def last_success(what: str) -> SyncRun | None:
    """The newest run of this kind that read something."""
    return db.session.scalars(_ended(what).where(SyncRun.error == NOTHING)).first()


def _length(deps: Dependencies) -> timedelta:
    """Longer than one call can take."""
    return timedelta(seconds=2 * deps.settings.times.list_seconds)


def _open(what: str) -> Select[SyncRun]:
    return select(SyncRun).where(SyncRun.what == what, SyncRun.finished_at.is_(None))


def _ended(what: str) -> Select[SyncRun]:
    query = select(SyncRun).where(SyncRun.what == what, SyncRun.finished_at.is_not(None))
    return query.order_by(SyncRun.started_at.desc(), SyncRun.id.desc()).limit(1)


def list_(after: str = "") -> Page[SyncRun]:
    """A page of runs, newest first. `after` is the id of the last one seen; anything else begins at the top."""
    return page_of(select(SyncRun), SyncRun, (), after, down=True)  # ids rise with the moment of writing
