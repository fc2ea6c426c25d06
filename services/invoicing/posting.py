"""One invoice on its way: intent, the call, the outcome. Sections 1 and 2 of docs/architecture.md.

The intent is committed before the call and the outcome after it; no transaction is open in between. Whoever finds
a posting in `sending` with an expired lease looks it up before anything else (services/invoicing/recovery.py).
"""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import chain_liability
from domain import posting as states
from domain.behind import Whose, orders_headed, orders_named, proves_behind, term_named
from domain.invoice import (
    PAYLOAD_VERSION,
    InvoiceDraft,
    RemoteInvoice,
    differences,
    fingerprint,
    freeze,
    renumbered,
    thaw,
)
from domain.message import NOTHING, Message
from domain.notes import note
from domain.outcome import NotSent, Outcome, Posted, Problem, Refused, Uncertain
from domain.permissions import Actor
from gateways.bookkeeping import BookkeepingError, Credentials
from models import Connection, InvoicePosting, PostingAttempt, WorkOrder
from models.due import marks_stand
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import claims, in_use, numbers, older_copy, renumbering, unknown
from services.invoicing.in_use import InUse
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import asked_at, database_now, rows_and_clock
from tenancy.database import db

MAX_NUMBERS_TRIED = 3
_EVENT = {
    states.POSTED: "invoice.posted",
    states.REFUSED: "invoice.refused",
    states.NOT_SENT: "invoice.not_sent",
    states.UNCERTAIN: "invoice.uncertain",
    states.CONFLICT: "invoice.conflict",
    states.GONE: "invoice.gone",
}


@dataclass(frozen=True)
class Intent:
    """A committed intent: plain values to call with. `start_by` in time.monotonic seconds, `payload_hash` that of the
    frozen invoice, `administration` whose books it goes to, `at_a_limit` whether they were to take no calls.
    `alone_on`: the order, when the posting has the order's round to itself. `in_use`: what is
    known of the numbers in use over there, of a job by all its presses."""

    posting_id: UUID
    attempt_id: UUID
    draft: InvoiceDraft
    payload_hash: str
    lease_until: datetime
    start_by: float
    administration: int
    at_a_limit: bool = False
    alone_on: UUID | None = None
    in_use: InUse = field(default_factory=InUse)


def begin(
    session: Session,
    deps: Dependencies,
    actor: Actor | str,
    row: InvoicePosting,
    draft: InvoiceDraft,
    repeated: bool = False,
) -> Intent:
    """Write the intent of one attempt on a posting whose row is locked. Inside the caller's write transaction.

    `repeated`: the draft is the row's own, so the frozen payload stays byte for byte as it is, whoever wrote it.
    """
    times = deps.settings.times
    now = database_now(session, afresh=True)
    # This clock was read before the database's: the five seconds can only come out shorter.
    start_by = asked_at(session) + times.start_within.total_seconds()
    if not repeated:
        row.payload, row.payload_version = freeze(draft), PAYLOAD_VERSION
        row.payload_hash = fingerprint(row.payload)
    row.dated_on = draft.on
    totals = draft.totals
    row.number = draft.number
    row.excl, row.vat, row.incl = totals.excl, totals.vat, totals.incl
    row.state, row.sent_at, row.lease_until, row.settled_at = states.SENDING, now, now + times.lease, None
    row.code = row.text = ""
    row.why = row.note = NOTHING
    row.by = actor.person_name if isinstance(actor, Actor) else actor
    attempt = PostingAttempt(posting=row, kind="send", number=draft.number, started_at=now, by=row.by)
    session.add(attempt)
    record(session, actor, "invoice.intended", "posting", row.id, draft.number, number=draft.number)
    return Intent(row.id, attempt.id, draft, row.payload_hash, row.lease_until, start_by, row.administration)


def new_posting(session: Session, number: str, administration: int) -> InvoicePosting:
    """An empty posting that holds a number of that administration; `begin` fills it."""
    return InvoicePosting(
        administration=administration,
        number=number,
        state=states.SENDING,
        payload="",
        payload_hash="",
        excl=0,
        vat=0,
        incl=0,
        created_at=database_now(session),
    )


def carry_out(deps: Dependencies, actor: Actor | str, credentials: Credentials, intent: Intent) -> str:
    """The call and what follows from it. Returns the posting's state. No transaction may be open."""
    taken: list[Message] = []
    over = intent.start_by + deps.settings.times.press_seconds - deps.settings.times.start_within.total_seconds()
    while len(taken) < MAX_NUMBERS_TRIED and (not taken or time.monotonic() < over):
        stop_reading()
        if credentials.only_look_up or not states.belongs_in(intent.administration, credentials.administration):
            return settle(actor, credentials, intent, NotSent(note("posting.elsewhere")))
        outcome = deps.bookkeeping.post_invoice(credentials, intent.draft, intent.start_by)
        if not (isinstance(outcome, Refused) and outcome.problem is Problem.NUMBER_TAKEN):
            return settle(actor, credentials, intent, outcome)
        following = _number_taken(deps, actor, credentials, intent, outcome, taken, over)
        if isinstance(following, str):
            return following
        intent = following
    listed = note(
        "posting.list_shows_more" if intent.in_use.is_whole(intent.draft.on.year) else "posting.list_proves_nothing"
    )
    why = note(in_use.IN_A_ROW, n=str(len(taken)), numbers=taken, listed=listed)
    return settle(actor, credentials, intent, NotSent(why))


def settle(actor: Actor | str, credentials: Credentials, intent: Intent, outcome: Outcome) -> str:
    """Write an outcome. When somebody else took the posting over meanwhile, only a proof of yes changes it."""
    state = _write_undisturbed(actor, intent, outcome) or _write(actor, intent, outcome)
    if isinstance(outcome, NotSent):
        connection.note_trouble(actor, credentials, outcome)
    elif intent.at_a_limit and state == states.POSTED:
        connection.note_taken(credentials)
    return state


def _write(actor: Actor | str, intent: Intent, outcome: Outcome) -> str:
    with write_transaction() as session, session.no_autoflush:
        orders = claims.lock_orders_of(session, intent.posting_id)
        row = row_locked(session, intent.posting_id)
        close_attempt(session, intent.attempt_id, outcome)
        same_lease = row.lease_until == intent.lease_until
        same_invoice = row.payload_hash == intent.payload_hash  # the number is part of it
        if states.may_settle(outcome, row.state, same_lease, same_invoice):
            conclude(session, actor, row, states.state_after(outcome), outcome, orders=orders)
        return row.state


class _Disturbed(Exception):
    """The order or the posting is not as the intent left it."""


def _write_undisturbed(actor: Actor | str, intent: Intent, outcome: Outcome) -> str:
    """Write what nearly every press comes to, a yes about one order, by changing the rows if they are as the intent
    left them, instead of reading them first: the same rows, locked in the same order. Returns the state; empty when
    that is not so, and then nothing was written."""
    if not isinstance(outcome, Posted) or intent.alone_on is None:
        return ""
    with suppress(_Disturbed), write_transaction() as session, session.no_autoflush:
        marks_stand(session)
        if not claims.tell_posted(session, intent.alone_on, intent.posting_id):
            raise _Disturbed
        ours = InvoicePosting.state == states.SENDING, InvoicePosting.lease_until == intent.lease_until
        posted = update(InvoicePosting).where(InvoicePosting.id == intent.posting_id, *ours)
        posted = posted.values(state=states.POSTED, settled_at=database_now(session))
        administration = session.scalar(posted.returning(InvoicePosting.administration))
        if administration is None:
            raise _Disturbed
        close_attempt(session, intent.attempt_id, outcome)
        number = intent.draft.number
        numbers.mark(session, number, states.NUMBER_POSTED, administration=administration)
        record(session, actor, _EVENT[states.POSTED], "posting", intent.posting_id, number, number=number)
        return states.POSTED
    return ""


def conclude(
    session: Session,
    actor: Actor | str,
    row: InvoicePosting,
    state: str,
    outcome: Outcome,
    remark: Message = NOTHING,
    orders: Collection[WorkOrder] = (),
) -> None:
    """Put a locked posting in a settled state, with the number's state and the trail to match. `orders`: those of its
    orders that the caller locked; others are locked here."""
    row.state = state
    row.note = remark or row.note
    row.settled_at = database_now(session)
    row.code = getattr(outcome, "code", "")[:20]
    row.text = getattr(outcome, "text", "")[:500]
    row.why = getattr(outcome, "why", NOTHING)
    row.attempted_uncertain = states.remembers_uncertain(row.attempted_uncertain, state)
    if state == states.POSTED:
        numbers.mark(session, row.number, states.NUMBER_POSTED, administration=row.administration)
    if state in {states.POSTED, states.GONE, states.CONFLICT}:
        claims.retell_of(session, row, orders)
    data = {"number": row.number}
    if state == states.REFUSED:
        data["code"] = row.code
    record(session, actor, _EVENT[state], "posting", row.id, row.number, **data)


def locked(session: Session, posting_id: UUID) -> InvoicePosting:
    """The posting with its row locked, and its orders before it (SQLite: the whole write transaction is the lock)."""
    claims.lock_orders_of(session, posting_id)
    return row_locked(session, posting_id)


def row_locked(session: Session, posting_id: UUID) -> InvoicePosting:
    """The posting with its row locked, for who locked its orders or changes nothing about them."""
    query = select(InvoicePosting).where(InvoicePosting.id == posting_id).with_for_update()
    ((row, _clock),) = rows_and_clock(session, query.execution_options(populate_existing=True))
    locked_row: InvoicePosting = row
    return locked_row


def close_attempt(session: Session, attempt_id: UUID, outcome: Outcome) -> None:
    """Write down what an attempt came to; codes and texts only, never what was sent with it."""
    values = {
        "ended_at": database_now(session),
        "outcome": states.state_after(outcome),
        "code": getattr(outcome, "code", "")[:20],
        "text": getattr(outcome, "text", "")[:500],
        "why": getattr(outcome, "why", NOTHING),
    }
    session.execute(update(PostingAttempt).where(PostingAttempt.id == attempt_id).values(values))


def _number_taken(
    deps: Dependencies,
    actor: Actor | str,
    credentials: Credentials,
    intent: Intent,
    outcome: Refused,
    taken: list[Message],
    over: float,
) -> Intent | str:
    """The number is in use there: look it up, and once which others are. Returns the next intent (another number; what
    stands under this one is added to `taken`), or the state it ended in. `over`: when the press has to be."""
    theirs, found, why = None, None, NOTHING
    try:
        theirs = find(deps, actor, credentials, intent.administration, intent.draft)
        found = theirs is not None
    except BookkeepingError as error:
        why = error.why
    if theirs is not None and differences(intent.draft, theirs):
        intent.in_use.ask(deps, actor, credentials, intent.draft.on.year, over - time.monotonic())
    with write_transaction() as session:
        link = connection.locked(session)
        row = locked(session, intent.posting_id)
        close_attempt(session, intent.attempt_id, outcome)
        owner, this_order = whose(session, deps, link, intent.posting_id, theirs)
        passed = intent.in_use.following(session, intent.draft.on.year, intent.administration)
        # none of those that would be passed over is, before it is known whose it is
        proof = in_use.ours_among(session, deps, link, passed)
        if proof or (proves_behind(owner) and not (this_order and row.attempted_uncertain)):
            older_copy.note_behind(session, actor, link)
        if row.state != states.SENDING or row.lease_until != intent.lease_until:
            return row.state
        equal = theirs is not None and not differences(intent.draft, theirs)
        may = states.may_take_a_number(link.behind_since is not None, link.look_back_since is not None)
        stop = not (may and states.belongs_in(row.administration, link.administration_number))
        following_state = states.after_number_taken(found, equal, row.attempted_uncertain, stop, this_order)
        if following_state == states.POSTED:
            conclude(session, actor, row, states.POSTED, Posted(row.number), note("posting.taken_over"))
        elif following_state in {states.CONFLICT, states.UNCERTAIN}:
            conclude(session, actor, row, following_state, Uncertain(why or note("posting.number_taken")))
        elif following_state == states.REFUSED:
            proof = row.number if proves_behind(owner) else proof
            remark = note("posting.behind", number=proof) if proof else note("posting.number_taken")
            conclude(session, actor, row, states.REFUSED, outcome, remark)
        else:
            assert theirs is not None  # else it is a conflict
            taken.append(in_use.told(theirs))
            in_use.pass_over(session, passed, intent.administration)
            return _under_another(session, deps, actor, row, intent, theirs)
        return row.state


def _under_another(
    session: Session, deps: Dependencies, actor: Actor | str, row: InvoicePosting, intent: Intent, theirs: RemoteInvoice
) -> Intent:
    """The intent to send the invoice of a locked posting under the next number; `theirs` stands under this one."""
    why = note("number.taken_by", code=theirs.relation_code, day=theirs.on)
    number = renumbering.instead_of_taken(session, actor, row, intent.draft.on, why)
    following = begin(session, deps, actor, row, renumbered(intent.draft, number))
    row.note = note("posting.earlier_number_taken", number=intent.draft.number)
    return replace(following, in_use=intent.in_use)


def whose(
    session: Session, deps: Dependencies, link: Connection, posting_id: UUID, theirs: RemoteInvoice | None
) -> tuple[Whose, bool]:
    """Whose the invoice is that has our number, and whether it names the very orders that were to be sent, and the
    same term."""
    if theirs is None:
        return Whose.ANOTHERS, False
    owner = unknown.of_one(session, deps, link, theirs)
    billed = select(WorkOrder.number).join(InvoicePosting.orders).where(InvoicePosting.id == posting_id)
    if owner is not Whose.OURS or set(orders_named(theirs)) != set(session.scalars(billed)):
        return owner, False
    row = session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one()
    return owner, term_named(thawed(deps, row).lines) == term_named(theirs.lines)


def thawed(deps: Dependencies, row: InvoicePosting) -> InvoiceDraft:
    """The frozen invoice of a posting, also when an earlier release froze it."""
    return thaw(row.payload, row.payload_version, deps.bookkeeping.our_vat)


def said_of_wages(deps: Dependencies, row: InvoicePosting) -> tuple[str, ...]:
    """What the frozen invoice of a posting says for the chain liability of its customer; nothing when it cannot be
    read, for it is only shown."""
    try:
        return chain_liability.told(line.description for line in thawed(deps, row).lines)
    except (ValueError, KeyError):
        return ()


def has_headings(deps: Dependencies, row: InvoicePosting) -> bool:
    """Whether the frozen invoice of a posting says to be for several orders; not when it cannot be read."""
    try:
        return len(orders_headed(thawed(deps, row).lines)) > 1
    except (ValueError, KeyError):
        return False


def find(
    deps: Dependencies, actor: Actor | str, credentials: Credentials, administration: int, draft: InvoiceDraft
) -> RemoteInvoice | None:
    """Look up the number of an invoice that belongs in this administration. Raises BookkeepingError, also when these
    credentials open another one; refused credentials break the link first, so that the worker does not knock with wrong
    codes every minute."""
    if not states.belongs_in(administration, credentials.administration):
        raise BookkeepingError(note("look_up.elsewhere"))
    try:
        return deps.bookkeeping.find_invoice(credentials, draft.number, draft)
    except BookkeepingError as error:
        connection.note_trouble(actor, credentials, error)
        raise


def theirs(deps: Dependencies, actor: Actor, posting_id: UUID) -> RemoteInvoice | None:
    """What the bookkeeping has under a posting's number; None when nothing. Raises BookkeepingError."""
    row = db.session.get(InvoicePosting, (db.session().info["tenant_id"], posting_id))
    if row is None:
        raise LookupError(posting_id)
    credentials = connection.credentials_of(deps, row.administration)
    if credentials is None:
        raise BookkeepingError(note("look_up.elsewhere" if connection.is_active() else "link.inactive"))
    draft, administration = thawed(deps, row), row.administration
    stop_reading()
    return find(deps, actor, credentials, administration, draft)
