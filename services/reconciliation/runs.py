"""The rows of runs: one at a time in a tenant, held by a lease, waiting for the worker without one.

Each step is written together with how far the run is, so that whoever takes over after a crash does none twice.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from domain import moments
from domain import posting as states
from domain.invoice import thaw
from domain.message import NOTHING, Message
from domain.permissions import Actor
from domain.reconciliation import (
    CALLS_A_DAY,
    FEW,
    Cause,
    Period,
    open_period,
    parts_from_text,
    parts_to_text,
    to_read,
)
from gateways.bookkeeping import Credentials
from models import Connection, InvoicePosting, Reconciliation
from services.dependencies import Dependencies
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now, day_of, today
from tenancy.database import db

_AT_ONCE = 500
_LONGEST_PAUSE = timedelta(hours=27)  # until two hours after the next midnight, also when that night is an hour longer


class Lost(Exception):
    """Somebody else holds the run by now."""


def begin(actor: Actor, cause: Cause) -> UUID | None:
    """Begin a run that waits for whoever takes it, who plans it too; None when one is under way, when the link is not
    active, and for a night in which there is nothing of ours."""
    period = open_period(today(db.session()))
    if cause is Cause.NIGHT and not _is_anything_ours(period):
        return None
    with write_transaction() as session:
        link = connection.locked(session)  # one starter at a time in a tenant
        if not link.shown_state.is_active or session.scalars(_open()).first() is not None:
            return None
        now = database_now(session)
        run = Reconciliation(
            administration=link.administration_number,
            cause=cause,
            by=actor.person_name,
            by_id=actor.person_id,
            first=period[0],
            last=period[1],
            started_at=now,
            link_version=link.version,
            day=day_of(now),
        )
        session.add(run)
        return run.id


def _open() -> Select[Reconciliation]:
    return select(Reconciliation).where(Reconciliation.finished_at.is_(None))


def was_held_before() -> bool:
    """Whether our invoices were held against those of the linked administration since it was linked last."""
    newest = select(Reconciliation.administration).order_by(Reconciliation.id.desc()).limit(1)  # ids rise with time
    return db.session.scalar(newest) == connection.present().administration_number


def _is_anything_ours(period: Period) -> bool:
    undated = db.session.scalars(select(InvoicePosting.id).where(InvoicePosting.dated_on.is_(None)).limit(1)).first()
    return undated is not None or bool(_how_many(period, connection.present().administration_number))


def plan(session: Session, run: Reconciliation) -> None:
    """Say which periods a locked run is to read, unless somebody did; every invoice of ours has its date by now."""
    if not run.todo:
        period = run.first, run.last
        run.todo = parts_to_text(to_read(period, _how_many(period, run.administration), day_of(database_now(session))))


def _how_many(period: Period, administration: int) -> int:
    """How many invoices of ours are dated so; one more than FEW is many."""
    some = select(InvoicePosting.id).where(InvoicePosting.dated_on.between(*period))
    some = some.where(InvoicePosting.administration == administration).limit(FEW + 1)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def undated(deps: Dependencies) -> dict[date, list[UUID]]:
    """Invoices that an earlier release froze, which did not note their date: some hundreds at most, by that date."""
    query = select(InvoicePosting.id, InvoicePosting.payload, InvoicePosting.payload_version)
    query = query.where(InvoicePosting.dated_on.is_(None)).order_by(InvoicePosting.id).limit(_AT_ONCE)
    found: dict[date, list[UUID]] = defaultdict(list)
    for posting_id, payload, version in db.session.execute(query):
        found[thaw(payload, version, deps.bookkeeping.our_vat).on].append(posting_id)
    return found


def note_days(session: Session, days: Mapping[date, Collection[UUID]]) -> None:
    """Note the date of these invoices, a statement for each date."""
    for on, posting_ids in days.items():
        noted = update(InvoicePosting).where(InvoicePosting.id.in_(posting_ids)).values(dated_on=on)
        session.execute(noted.execution_options(synchronize_session=False))


def waiting(deps: Dependencies) -> Reconciliation | None:
    """The entered tenant's run, when nobody holds it and its time has come."""
    run = db.session.scalars(_open()).first()
    return run if run is not None and _is_free(run, database_now(db.session()), _length(deps)) else None


def _is_free(run: Reconciliation, now: datetime, length: timedelta) -> bool:
    held, waits = moments.lasts(run.lease_until, now, length), moments.lasts(run.resumes_at, now, _LONGEST_PAUSE)
    return not held and not waits


def _length(deps: Dependencies) -> timedelta:
    """Of a lease: longer than one call can take."""
    return timedelta(seconds=2 * deps.settings.times.list_seconds)


def next_due() -> datetime | None:
    """From when on the entered tenant's run can be taken; None when it ended."""
    run = db.session.scalars(_open()).first()
    return None if run is None else run.lease_until or run.resumes_at or database_now(db.session())


@dataclass
class Hold:
    """A run that is ours as long as we renew the lease. `left`: calls it may make today; `counted` of those that were
    made were written down, the last time at `at`."""

    run_id: UUID
    link_version: int
    left: int
    length: timedelta
    leases: set[datetime | None]
    counted: int = 0
    at: float = field(default_factory=time.monotonic)

    def locked(self, session: Session) -> Reconciliation:
        """The row, locked, inside the caller's transaction. Raises Lost when it is not ours any more."""
        query = _open().where(Reconciliation.id == self.run_id).with_for_update()
        run = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if run is None or run.lease_until is None or run.lease_until not in self.leases:
            raise Lost
        return run

    def step(self, session: Session, credentials: Credentials, made: int) -> tuple[Connection, Reconciliation]:
        """For a transaction that writes a step: the link and the run, locked, the calls counted (`made` in all since it
        was taken), the lease renewed. Raises Lost, and LinkChanged when the answer may be about other books."""
        link = connection.still(session, credentials)
        run = self.locked(session)
        self.note_calls(run, made)
        now = database_now(session)
        self.leases = {run.lease_until, now + self.length}  # whether the transaction commits is not known here
        run.lease_until = now + self.length
        return link, run

    def note_calls(self, run: Reconciliation, made: int) -> None:
        """Count what was asked since the last step, and how long it took."""
        now = time.monotonic()
        run.calls += made - self.counted
        run.calls_that_day += made - self.counted
        run.busy_ms += round((now - self.at) * 1000)
        self.counted, self.at = made, now

    def parts(self, session: Session) -> list[Period]:
        """What is still to be read."""
        query = select(Reconciliation.todo).where(Reconciliation.id == self.run_id)
        return parts_from_text(session.scalars(query).one())

    def pause(self, made: int, until: datetime | None, why: Message) -> None:
        """Leave the run to the worker, from `until` on (None: now). Raises Lost."""
        with write_transaction() as session:
            run = self.locked(session)
            self.note_calls(run, made)
            run.lease_until, run.resumes_at, run.remark = None, until, why

    def end(self, made: int, why: Message = NOTHING) -> None:
        """End the run; with `why` it has no result. Raises Lost."""
        with write_transaction() as session:
            self.finish(session, self.locked(session), made, why)

    def finish(self, session: Session, run: Reconciliation, made: int, why: Message = NOTHING) -> None:
        """`end`, inside the caller's transaction, which locked the run."""
        self.note_calls(run, made)
        run.finished_at, run.lease_until, run.resumes_at = database_now(session), None, None
        run.error = why


def take(deps: Dependencies, run_id: UUID) -> Hold | None:
    """Take a run that waits, or whose holder fell silent; None when there is nothing to take (any more)."""
    length = _length(deps)
    with write_transaction() as session:
        run = session.scalars(_open().where(Reconciliation.id == run_id).with_for_update()).one_or_none()
        now = database_now(session)
        if run is None or not _is_free(run, now, length):
            return None
        if run.day != day_of(now):
            run.day, run.calls_that_day = day_of(now), 0
        session.flush()
        left = max(CALLS_A_DAY - _spent(session, run), 0)
        run.lease_until, run.resumes_at = now + length, None
        return Hold(run.id, run.link_version, left, length, {run.lease_until})


def _spent(session: Session, run: Reconciliation) -> int:
    """How many calls were made that day, by every run to that administration."""
    query = select(func.sum(Reconciliation.calls_that_day))
    query = query.where(Reconciliation.day == run.day, Reconciliation.administration == run.administration)
    return session.scalar(query) or 0


def ours_dated(session: Session, period: Period, administration: int) -> Sequence[InvoicePosting]:
    """The invoices of a period that we posted to an administration and that are there as far as we know."""
    query = select(InvoicePosting).where(InvoicePosting.dated_on.between(*period))
    query = query.where(InvoicePosting.state == states.POSTED, InvoicePosting.administration == administration)
    return session.scalars(query.order_by(InvoicePosting.id)).all()
