"""Settling what was interrupted or uncertain: look up first, never a blind repeat.

One function, called by the worker every minute and by *Controleer nu*. A hit counts at once; a miss only after the
quiet window, because the other side may still act after we gave up.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from domain import moments
from domain import posting as states
from domain.invoice import InvoiceDraft, RemoteInvoice, difference_notes, differences
from domain.message import Message
from domain.notes import note
from domain.outcome import NotSent, Posted, Uncertain
from domain.permissions import Actor
from gateways.bookkeeping import BookkeepingError, Credentials
from models import InvoicePosting, PostingAttempt
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import looking_back, older_copy, posting, same_bytes
from services.invoicing.customer import Customer
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now, is_over
from tenancy.database import db


def unsettled() -> list[UUID]:
    """Postings to look at: uncertain ones, and those in sending that nobody is at any more."""
    session = db.session()
    now = database_now(session)
    uncertain = select(InvoicePosting.id).where(InvoicePosting.state == states.UNCERTAIN)
    over = is_over(InvoicePosting.lease_until, now, moments.furthest(now, states.LEASE))
    left = select(InvoicePosting.id).where(InvoicePosting.state == states.SENDING, over)
    return sorted(session.scalars(union_all(uncertain, left)))


def is_interrupted(row: InvoicePosting) -> bool:
    """Whether a posting is under way and whoever was at it is gone."""
    return row.state == states.SENDING and states.is_interrupted(row.state, row.lease_until, database_now(db.session()))


def known_by(row: InvoicePosting, deps: Dependencies) -> datetime | None:
    """By when an uncertain posting is settled at the latest, and from when on a posted one that was never read back has
    to be there."""
    lease = row.lease_until
    if row.state == states.UNCERTAIN:
        lease = states.lease_counted(lease, database_now(db.session()))
    elif row.state != states.POSTED or row.remote_incl is not None:
        return None
    return lease + deps.settings.times.quiet_window if lease else None


def check(deps: Dependencies, actor: Actor | str, posting_id: UUID, asked: bool = False) -> str:
    """Look one posting up and draw the conclusion. Returns its state afterwards. `asked`: a person wants to know now,
    so look also while somebody is at it."""
    reading = db.session()
    row = reading.get(InvoicePosting, (reading.info["tenant_id"], posting_id))
    if row is None:
        raise LookupError(posting_id)
    now = database_now(reading)
    held = not states.wants_look_up(row.state, row.lease_until, now)
    if held and not (asked and row.state == states.SENDING):
        return row.state  # settled, or somebody is at it
    lease, administration = row.lease_until, row.administration
    draft = posting.thawed(deps, row)
    # Only a look-up that begins after the window can prove that the invoice is not there.
    after_window = states.window_is_over(states.lease_counted(lease, now), deps.settings.times.quiet_window, now)
    credentials = connection.credentials_of(deps, administration)
    if credentials is None:
        why = note("look_up.elsewhere" if connection.is_active() else "look_up.no_link")
        stop_reading()
        return states.SENDING if held else _still_uncertain(actor, posting_id, lease, why)
    stop_reading()
    try:
        theirs = posting.find(deps, actor, credentials, administration, draft)
    except BookkeepingError as error:
        why = note("look_up.failed", why=error.why)
        return states.SENDING if held else _still_uncertain(actor, posting_id, lease, why)
    equal = theirs is None or not differences(draft, theirs)
    if held and not states.counts_at_once(theirs is not None, equal):
        return states.SENDING  # who is at it hears more
    following = states.after_look_up(theirs is not None, equal, after_window, not credentials.only_look_up)
    if following == states.UNCERTAIN:
        return _still_uncertain(actor, posting_id, lease, note("look_up.not_yet"), looked=True)
    try:
        who = None
        if following == states.SENDING:
            looking_back.credentials_to_send(deps, actor)
            who = same_bytes.whose(deps, actor, credentials, posting_id, draft.relation_code)
        conclusion = _conclude(deps, actor, posting_id, lease, credentials, draft, theirs, following, who)
    except connection.LinkChanged:
        return _still_uncertain(actor, posting_id, lease, note("link.changed"))
    except BookkeepingError as error:
        return _still_uncertain(actor, posting_id, lease, error.why, looked=True)
    except older_copy.Behind:
        return _still_uncertain(actor, posting_id, lease, note("look_up.behind"), looked=True)
    if isinstance(conclusion, str):
        return conclusion
    return posting.carry_out(deps, actor, credentials, conclusion)


def tell_interrupted(actor: Actor | str, posting_id: UUID) -> str:
    """Say of a posting in sending whose lease ran out that it is uncertain, without a look-up: the worker, or whoever
    opens the order, does that. Returns its state afterwards."""
    with write_transaction() as session:
        row = posting.row_locked(session, posting_id)
        if states.is_interrupted(row.state, row.lease_until, database_now(session)):
            _interrupt(session, actor, row)
        return row.state


def _interrupt(session: Session, actor: Actor | str, row: InvoicePosting) -> None:
    """From now on it is said out loud."""
    row.lease_until = states.lease_counted(row.lease_until, database_now(session))
    posting.conclude(session, actor, row, states.UNCERTAIN, Uncertain(note("posting.interrupted")))


def _conclude(
    deps: Dependencies,
    actor: Actor | str,
    posting_id: UUID,
    lease: datetime | None,
    credentials: Credentials,
    draft: InvoiceDraft,
    theirs: RemoteInvoice | None,
    following: str,
    who: Customer | None,
) -> posting.Intent | str:
    """Write what the look-up came to: the state afterwards, or the intent to send the same bytes again, unless their
    code is somebody else's than the customer `who`. Raises LinkChanged when the answer may be about other books."""
    with write_transaction() as session:
        link = connection.still(session, credentials)
        row = posting.locked(session, posting_id)
        if not states.may_conclude(row.state, row.lease_until == lease):
            return row.state  # somebody else settled it, or sent it again
        if following == states.SENDING:
            older_copy.refuse_when_behind(link)
        result = note("look_up.found" if theirs else "look_up.not_found")
        _write_look_up(actor, row, result)
        if following == states.CONFLICT and theirs is not None:
            why = note("posting.differs", what=difference_notes(differences(draft, theirs)))
            posting.conclude(session, actor, row, states.CONFLICT, Uncertain(why))
            return row.state
        if following == states.POSTED:
            arrived = note("posting.arrived_after_all")
            posting.conclude(session, actor, row, states.POSTED, Posted(row.number), arrived)
            if theirs is not None:
                row.remote_excl, row.remote_vat, row.remote_incl = theirs.excl, theirs.vat, theirs.incl
                row.read_back_at = row.settled_at
            return row.state
        row.attempted_uncertain = True
        if following == states.NOT_SENT:
            posting.conclude(session, actor, row, following, NotSent(note("look_up.not_there")))
            return row.state
        kept_back = same_bytes.kept_back(session, link, who)
        if kept_back:  # it is certainly not there, and a person sends it to whom it is for
            posting.conclude(session, actor, row, states.NOT_SENT, NotSent(kept_back))
            return row.state
        return posting.begin(session, deps, actor, row, draft, repeated=True)  # the same bytes, the same number


def _still_uncertain(
    actor: Actor | str, posting_id: UUID, lease: datetime | None, why: Message, looked: bool = False
) -> str:
    with write_transaction() as session:
        row = posting.row_locked(session, posting_id)
        if not states.may_conclude(row.state, row.lease_until == lease):
            return row.state
        return _remain(actor, row, why, looked)


def _remain(actor: Actor | str, row: InvoicePosting, why: Message, looked: bool = False) -> str:
    """A locked posting of which nothing new is known stays, or becomes, uncertain; says why."""
    session = db.session()
    if row.state == states.SENDING:
        _interrupt(session, actor, row)
    row.lease_until = states.lease_counted(row.lease_until, database_now(session))
    row.attempted_uncertain = True
    row.looked_up_at = database_now(session)
    row.note = why
    if looked:
        _write_look_up(actor, row, why)
    return row.state


def _write_look_up(actor: Actor | str, row: InvoicePosting, result: Message) -> None:
    session = db.session()
    now = row.looked_up_at = database_now(session)
    by = actor.person_name if isinstance(actor, Actor) else actor
    session.add(
        PostingAttempt(
            posting_id=row.id,
            kind="look_up",
            number=row.number,
            started_at=now,
            ended_at=now,
            outcome=row.state,
            why=result,
            by=by,
        )
    )
    record(session, actor, "invoice.looked_up", "posting", row.id, row.number, number=row.number, result=result)


def recover_all(deps: Dependencies, actor: Actor | str) -> int:
    """Settle what can be settled in the entered tenant. Returns how many postings were looked at. While a limit of
    theirs lasts nobody is asked there, and what was interrupted is only said to be."""
    ids = unsettled()
    of = select(InvoicePosting.id, InvoicePosting.administration).where(InvoicePosting.state.in_(states.NEEDS_LOOK_UP))
    where: dict[UUID, int] = {row.id: row.administration for row in db.session.execute(of)} if ids else {}
    paused = {number for number in set(where.values()) if connection.paused_until_of(number) is not None}
    for posting_id in ids:
        if where.get(posting_id) in paused:
            tell_interrupted(actor, posting_id)
        else:
            check(deps, actor, posting_id)
    return len(ids)


def next_look() -> datetime | None:
    """From when on the entered tenant has a posting to look at; None when none is under way."""
    session = db.session()
    under_way = InvoicePosting.state.in_(states.NEEDS_LOOK_UP)
    where = InvoicePosting.administration
    found = session.execute(select(InvoicePosting.state, InvoicePosting.lease_until, where).where(under_way)).all()
    now = database_now(session)
    paused = {number: connection.paused_until_of(number) for number in {number for _state, _lease, number in found}}
    looks = ((now if state == states.UNCERTAIN else lease, paused[number]) for state, lease, number in found)
    return min((max(look, until or look) for look, until in looks if look is not None), default=None)
