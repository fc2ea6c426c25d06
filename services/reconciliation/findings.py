"""What is found, from run to run: one finding per invoice that does not stand alike, until it does or is decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, String, bindparam, select
from sqlalchemy.orm import Session

from domain import posting as states
from domain.differing import to_text
from domain.message import NOTHING, Refusal, as_written, msg
from domain.permissions import Actor
from domain.reconciliation import LOOKED_UP_WHEN_OLD, PROVED_BY_LOOKING, Held, How, Kind, Stand
from domain.visible import bare
from models import InvoicePosting, Reconciliation, ReconciliationFinding
from oversight.audit_trail import record
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now

_AT_ONCE = 500
Current = dict[UUID | None, ReconciliationFinding]


@dataclass(frozen=True)
class About:
    """Which invoice a finding is about: ours, or one of theirs that nothing of ours has; `moved`: ours has another
    number there."""

    number: str
    day: date
    posting_id: UUID | None = None
    incl: Decimal | None = None
    moved: bool = False


def about(row: InvoicePosting) -> About:
    """A posting's invoice."""
    return About(row.number, row.dated_on or row.created_at.date(), row.id, row.incl, bool(row.remote_number))


def current(session: Session, posting_ids: Collection[UUID]) -> Current:
    """The findings of these postings that are not settled, locked."""
    found: Current = {}
    every = sorted(posting_ids)
    for at in range(0, len(every), _AT_ONCE):
        query = select(ReconciliationFinding).where(ReconciliationFinding.posting_id.in_(every[at : at + _AT_ONCE]))
        query = query.where(ReconciliationFinding.state != Stand.SETTLED).with_for_update()
        found |= {one.posting_id: one for one in session.scalars(query.execution_options(populate_existing=True))}
    return found


def keep(session: Session, run: Reconciliation, which: About, held: Held, known: ReconciliationFinding | None) -> bool:
    """Write how an invoice stands; `known` is the finding about it that is not settled. Whether that is news."""
    differs = to_text(held.differs)
    if held.kind is Kind.EQUAL:
        if known is not None:
            _end_alike(session, known, run.by)
        return known is not None
    if known is not None and _is_the_same(known, held.kind, differs):
        known.seen_at, known.run_id = database_now(session), run.id
        known.differs = differs or known.differs
        if known.state == Stand.ACCEPTED and known.is_unproved and known.kind != Kind.UNSURE:
            # left while nobody could look there; now somebody can
            known.state, known.how, known.settled_at, known.reason = Stand.OPEN, How.NOT_YET, None, NOTHING
        if known.kind == Kind.REPLACED and known.state == Stand.OPEN and known.looked_up_at is not None:
            known.state, known.how = Stand.ACCEPTED, How.DECIDED  # it was a conflict, and somebody said that it is ours
        if held.theirs is not None:
            known.theirs_incl = held.theirs.incl
        return False
    now = database_now(session)
    if known is not None and known.is_unproved and known.state == Stand.OPEN:
        # it is known now how it stands: the same finding, and no other that it would have become
        known.kind, known.differs, known.seen_at, known.run_id = held.kind, differs, now, run.id
        known.theirs_incl = held.theirs.incl if held.theirs is not None else None
        return True
    if known is not None:
        settle(session, known, How.OTHERWISE, run.by)
    session.add(
        ReconciliationFinding(
            administration=run.administration,
            run_id=run.id,
            posting_id=which.posting_id,
            number=which.number,
            kind=held.kind,
            day=which.day,
            differs=differs,
            ours_incl=which.incl,
            theirs_incl=held.theirs.incl if held.theirs is not None else None,
            since=now,
            seen_at=now,
        )
    )
    return True


def _end_alike(session: Session, known: ReconciliationFinding, by: str) -> None:
    """Both sides are the same. What was only suspected was said to nobody, and is no finding."""
    if known.kind == Kind.UNSURE or known.state == Stand.ACCEPTED or not known.is_unproved:
        settle(session, known, How.FOUND if known.is_unproved else How.EQUAL, by)
    else:
        session.delete(known)
        session.flush()


def _is_the_same(known: ReconciliationFinding, kind: Kind, differs: str) -> bool:
    # one that could not be proved yesterday is suspected anew today; it stays what it was until it was looked up
    again = kind in {Kind.SUSPECTED, Kind.REPLACED} and known.kind == Kind.UNSURE
    return again or (known.kind == kind and known.differs == differs)


def without_posting(number: str) -> Select[ReconciliationFinding]:
    """The finding about one of theirs that nothing of ours has, as long as it is not settled."""
    unsettled = ReconciliationFinding.state.in_([Stand.OPEN, Stand.ACCEPTED])
    query = select(ReconciliationFinding).where(unsettled, ReconciliationFinding.number == number)
    return query.where(ReconciliationFinding.posting_id.is_(None))


def settle(session: Session, known: ReconciliationFinding, how: How, by: str) -> None:
    """It is over."""
    known.state, known.how = Stand.SETTLED, how
    known.settled_at, known.by = database_now(session), by
    session.flush()  # before another about the same invoice comes in


def to_look_up(session: Session, run: Reconciliation) -> UUID | None:
    """The next finding that a run has to look up by itself, and did not yet: what is not proved, also when somebody
    left it as it is, and what is open of days that no list is asked for any more. What was never looked up comes
    first, so that what cannot be proved night after night keeps nothing waiting."""
    found = ReconciliationFinding
    left = (found.state == Stand.ACCEPTED) & (found.kind == Kind.UNSURE)
    unproved = select(found.id).where(found.run_id == run.id, (found.state == Stand.OPEN) | left)
    unproved = unproved.where(found.kind.in_(sorted(PROVED_BY_LOOKING)))
    old = select(found.id).where(*is_open(), found.kind.in_(sorted(LOOKED_UP_WHEN_OLD)), found.day < run.first)
    old = old.where(found.administration == run.administration)
    for query in (unproved, old):
        query = query.where(found.posting_id.is_not(None))
        query = query.where(found.looked_up_at.is_(None) | (found.looked_up_at < run.started_at))
        first = query.order_by(found.looked_up_at.is_not(None), found.looked_up_at, found.id).limit(1)
        if (finding_id := session.scalars(first).first()) is not None:
            return finding_id
    return None


def is_open() -> tuple[ColumnElement[bool], ...]:
    """What makes a finding open, as the index of those asks for it."""
    # written out in the statement: what is open has an index of its own, and a bound value does not tell SQLite so
    value = bindparam(None, Stand.OPEN.value, type_=String, literal_execute=True)
    return (ReconciliationFinding.state == value,)


def not_met(session: Session, run: Reconciliation) -> Sequence[Row[ReconciliationFinding, str]]:
    """The findings that are not settled and that a run did not meet, each with the state of its posting."""
    query = select(ReconciliationFinding, InvoicePosting.state)
    query = query.outerjoin(InvoicePosting, InvoicePosting.id == ReconciliationFinding.posting_id)
    unsettled = ReconciliationFinding.state.in_([Stand.OPEN, Stand.ACCEPTED])
    return session.execute(query.where(unsettled, ReconciliationFinding.run_id != run.id)).all()


def settle_what_is_decided(session: Session, run: Reconciliation) -> None:
    """Settle findings that this run did not meet because their invoice came to another end meanwhile; of any
    administration where a person decided that here, for it need not be linked for it."""
    for known, state in not_met(session, run):
        if known.posting_id is not None and state not in {states.POSTED, states.GONE, states.CONFLICT}:
            settle(session, known, How.DECIDED, run.by)
        elif known.administration != run.administration or not run.first <= known.day <= run.last:
            continue  # this run could not meet it
        elif state == states.GONE and known.is_unproved and known.state == Stand.OPEN:
            known.kind, known.run_id = Kind.MISSING, run.id  # proved meanwhile, from the order's page
        elif known.posting_id is None or (state == states.GONE and known.kind != Kind.MISSING):
            settle(session, known, How.OTHERWISE, run.by)


def accept(actor: Actor, finding_id: UUID, reason: str) -> None:
    """The owner says: leave it as it is, and why. It comes back when something else is different. Raises Refusal, and
    LookupError when there is no such finding."""
    reason = bare(reason)
    if not reason:
        raise Refusal(msg("Schrijf op waarom dit zo mag blijven."), "reason")
    with write_transaction() as session:
        query = select(ReconciliationFinding).where(ReconciliationFinding.id == finding_id).with_for_update()
        known = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
        if known is None:
            raise LookupError(finding_id)
        if known.state != Stand.OPEN:
            raise Refusal(msg("Over factuur %(number)s is al beslist.", number=known.number))
        if not known.may_be_accepted(known.administration != connection.present().administration_number):
            raise Refusal(msg("Beslis bij de werkbon wat er met factuur %(number)s gebeurt.", number=known.number))
        known.state, known.how, known.reason = Stand.ACCEPTED, How.ACCEPTED, as_written(reason[:300])
        known.settled_at, known.by = database_now(session), actor.person_name
        record(
            session,
            actor,
            "books.difference_accepted",
            "posting",
            known.posting_id,
            known.number,
            number=known.number,
            reason=known.reason,
        )
