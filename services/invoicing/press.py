"""Gecontroleerd: approving an order and posting its invoice at once; sending again; giving a posting up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from domain import billing, preflight
from domain import posting as states
from domain import work_order as order_rules
from domain.customer import Found
from domain.link import LinkState
from domain.message import NOTHING, Message, Refusal, as_written, msg
from domain.notes import note
from domain.outcome import NotSent
from domain.permissions import Actor
from domain.preflight import Blocker, Candidate
from domain.questions import Question
from domain.visible import bare
from gateways.bookkeeping import BookkeepingError, Credentials
from models import Connection, InvoicePosting, WorkOrder, WorkOrderLine
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import (
    approval,
    claims,
    confirming,
    customer,
    looking_back,
    numbers,
    older_copy,
    posting,
    renumbering,
)
from services.invoicing.claims import Round, live_posting, refuse_when_changed
from services.invoicing.customer import Customer
from services.invoicing.in_use import InUse
from services.invoicing.older_copy import Behind
from services.invoicing.posting import Intent
from services.invoicing.preflight import candidate
from services.link import connection
from services.transaction import stop_reading, write_transaction
from tenancy.clock import today
from tenancy.database import db

GIVES_UP_UNKNOWN = "bookkeeping:connect"  # who may


class Blocked(Exception):
    """Pre-flight found something; nothing was changed or sent."""

    def __init__(self, blockers: tuple[Blocker, ...]) -> None:
        super().__init__(", ".join(blocker.key for blocker in blockers))
        self.blockers = blockers


class Asked(Exception):
    """Somebody has to say yes first; nothing was changed or sent."""

    def __init__(self, found: tuple[Question, ...]) -> None:
        super().__init__(", ".join(question.answer for question in found))
        self.questions = found


@dataclass(frozen=True)
class Pressed:
    """What a press came to: a posting state, or not_linked, not_billable."""

    state: str
    posting_id: UUID | None = None


@dataclass(frozen=True)
class Job:
    """The bulk job that presses: when it began, in which administration it bills, and what its presses know together
    of the numbers in use over there."""

    since: datetime
    administration: int
    in_use: InUse = field(default_factory=InUse)


def approve(
    deps: Dependencies,
    actor: Actor,
    order_id: UUID,
    version: int | None = None,
    job: Job | None = None,
    yes: Collection[str] = (),
) -> Pressed:
    """Move an executed order to gecontroleerd and post its invoice. Raises Refusal, Blocked or Asked; then nothing
    changed.

    `version` is the order as the person saw it; when it differs under the lock, Changed is raised. `job`: the bulk job
    that presses. `yes`: the answers of the person to what was asked.
    """
    line = _open_line(deps, actor, order_id, job)
    with write_transaction() as session, session.no_autoflush:
        link, order, here = _lock(session, order_id)
        if order_rules.transition(order.state, "approve") is None:
            raise Refusal(order_rules.why_not(order.state, "approve"))
        refuse_when_changed(order, version)
        approval.approve(session, actor, order)
        next_step = _intend(session, deps, actor, line, link, order, here, yes)
    return _send_what_was_intended(deps, actor, line, next_step, job)


def send(
    deps: Dependencies,
    actor: Actor,
    order_id: UUID,
    version: int | None = None,
    job: Job | None = None,
    yes: Collection[str] = (),
) -> Pressed:
    """Post the invoice of an approved order: again after a certain no, or for the first time once there is a link.

    `version`, `job` and `yes` as in `approve`."""
    line = _open_line(deps, actor, order_id, job)
    with write_transaction() as session, session.no_autoflush:
        link, order, here = _lock(session, order_id)
        if order.state != order_rules.APPROVED:
            raise Refusal(note("press.not_approved"))
        refuse_when_changed(order, version)
        next_step = _intend(session, deps, actor, line, link, order, here, yes)
    return _send_what_was_intended(deps, actor, line, next_step, job)


@dataclass(frozen=True)
class _Line:
    """The way to the bookkeeping before anything is written: the credentials of an active link, the customer as looked
    up there, and what was wrong with opening a session or looking up."""

    credentials: Credentials | None
    customer: Customer | None = None
    trouble: BookkeepingError | None = None


def _open_line(deps: Dependencies, actor: Actor, order_id: UUID, job: Job | None) -> _Line:
    """See to a live session, so that the five seconds between intent and send are not spent on opening one, and to it
    that the customer was seen over there; and look back first when this database may be an older copy. Raises Behind
    when that cannot be done, and LinkChanged when a job's administration is linked no more."""
    who: Customer | None = None

    def read() -> Connection:
        nonlocal who
        link, who = customer.with_the_link(deps, order_id, job.since if job else None)
        if job is not None and not states.belongs_in(job.administration, link.administration_number):
            raise connection.LinkChanged
        return link

    credentials = looking_back.credentials_to_send(deps, actor, read)
    stop_reading()
    if credentials is not None:
        try:
            deps.bookkeeping.ready(credentials)
            who = customer.ask(deps, credentials, who) if who else None
        except BookkeepingError as error:
            return _Line(credentials, who, error)
    return _Line(credentials, who)


def _lock(session: Session, order_id: UUID) -> tuple[Connection, WorkOrder, Round]:
    """The link and the order with its round, locked; the link first, as everywhere, so that nobody waits for one
    another."""
    link, held = claims.lock_with_the_link(session, order_id)
    return link, *_loaded(session, order_id, held)


def _intend(
    session: Session,
    deps: Dependencies,
    actor: Actor,
    line: _Line,
    link: Connection,
    order: WorkOrder,
    here: Round,
    yes: Collection[str],
) -> Intent | Pressed:
    """The intent to send the invoice of a locked order, or what the press came to without one. Raises Blocked or
    Asked."""
    if order.not_billable_reason:
        return Pressed("not_billable")
    live = billing.whole(here.claims)
    if live is not None and not states.may_send(live.state):
        return Pressed(live.state, live.posting)  # somebody was first, or it was re-opened: never posted twice
    on = today(session)
    if line.credentials is None or link.state == LinkState.BROKEN:
        if link.shown_state.is_broken:
            _refuse_when_blocked(deps, candidate(order, link, on))
        return Pressed("not_linked", live.posting if live else None)
    connection.check_same(link, line.credentials)
    ours = candidate(order, link, on)
    _refuse_when_blocked(deps, ours)
    _ask(session, actor, order, link, on, yes)
    older_copy.refuse_when_behind(link)
    said = _follow_customer(session, link, order, line)
    if line.customer is not None and line.customer.asked:  # it may have another VAT number by now
        ours = candidate(order, link, on)
        _refuse_when_blocked(deps, ours)
    earlier = posting.row_locked(session, live.posting) if live is not None else None
    if earlier is not None and not states.belongs_in(earlier.administration, link.administration_number):
        if not states.may_move_on(earlier.state, earlier.attempted_uncertain):
            raise Refusal(note("press.elsewhere"))
        abandon(session, actor, earlier, note("posting.moved_on", administration=link.administration))
        session.flush()
        earlier = None
    if earlier is None:
        row = first_posting(session, on, link.administration_number)
        number = row.number
    else:
        row = earlier
        number, on = renumbering.for_sending_again(session, deps, actor, row, on)
    intent = posting.begin(session, deps, actor, row, preflight.draft(ours, number, on))
    order.billed_regime = ours.regime
    confirming.remember(order)
    row.note = said
    if earlier is None:
        # a key refuses a second one
        claims.claim(session, row, [order], rounds={order.id: here} if live is None else None)
    if line.trouble is None:
        alone = billing.has_to_itself(row.id, here.claims)
        return replace(intent, at_a_limit=link.paused_until is not None, alone_on=order.id if alone else None)
    session.flush()
    outcome = NotSent(line.trouble.why, line.trouble.code, line.trouble.text, line.trouble.problem)
    posting.close_attempt(session, intent.attempt_id, outcome)
    posting.conclude(session, actor, row, states.NOT_SENT, outcome)
    return Pressed(states.NOT_SENT, row.id)


def _refuse_when_blocked(deps: Dependencies, ours: Candidate) -> None:
    found = preflight.blockers(ours, deps.bookkeeping.limits)
    if found:
        raise Blocked(found)


def _ask(session: Session, actor: Actor, order: WorkOrder, link: Connection, on: date, yes: Collection[str]) -> None:
    """Keep what the person says yes to, with the trail to match. Raises Asked for what nobody said yes to."""
    asked = confirming.asked(order, link, on)
    left = tuple(question for question in asked if question.answer not in yes)
    if left:
        raise Asked(left)
    for question in asked:
        confirming.keep(session, actor, order, question)


def _follow_customer(session: Session, link: Connection, order: WorkOrder, line: _Line) -> Message:
    """Draw on what the look-up found, on the customer as it stands under the lock; what there is to say of it. Raises
    Blocked when the code leads to somebody else, and Changed when another customer or code was looked up."""
    if line.trouble is not None:
        return NOTHING
    row, who = order.relation, line.customer
    if row is None or who is None or (row.id, row.code) != (who.relation_id, who.code):
        raise claims.Changed(note("press.order_changed"))
    if not who.asked:
        return NOTHING
    found = customer.judge(session, row, who.there)
    said = customer.said_of(row, found, who.there)
    if found.keeps_back:
        raise Blocked((customer.blocker(row.name, said),))
    customer.follow(session, link, row, found, who.there)
    return said if found is Found.CHANGED else NOTHING


def first_posting(session: Session, on: date, administration: int) -> InvoicePosting:
    """A new posting under a number that is reserved for it; it claims nothing yet."""
    number = numbers.reserve_invoice_number(session, on, administration)
    row = posting.new_posting(session, number, administration)
    session.add(row)
    return row


def _send_what_was_intended(
    deps: Dependencies, actor: Actor, line: _Line, next_step: Intent | Pressed, job: Job | None
) -> Pressed:
    """After the commit: the call, when there is one to make. No transaction may be open."""
    if line.credentials is not None and line.trouble is not None:
        connection.note_trouble(actor, line.credentials, line.trouble)
    if isinstance(next_step, Pressed):
        return next_step
    assert line.credentials is not None  # there is no intent without them
    if job is not None:
        next_step = replace(next_step, in_use=job.in_use)
    return carry_out(deps, actor, line.credentials, next_step)


def carry_out(deps: Dependencies, actor: Actor, credentials: Credentials, intent: Intent) -> Pressed:
    """Send what was intended, and look back at once when that shows our data to be behind. No transaction may be
    open."""
    state = posting.carry_out(deps, actor, credentials, intent)
    if state in {states.REFUSED, states.CONFLICT} and looking_back.is_behind():
        return _look_at_once(deps, actor, credentials, Pressed(state, intent.posting_id))
    return Pressed(state, intent.posting_id)


def _look_at_once(deps: Dependencies, actor: Actor, credentials: Credentials, pressed: Pressed) -> Pressed:
    """This press came upon an invoice of ours that is not known here: take over what is recognised, so that a person
    need only look at the rest. What the press came to afterwards."""
    with suppress(Behind, connection.LinkChanged):
        looking_back.look(deps, actor, credentials)
    db.session.rollback()
    row = db.session.get(InvoicePosting, (db.session().info["tenant_id"], pressed.posting_id))
    return pressed if row is None else Pressed(row.state, row.id)


def load_for_invoice(session: Session, order_id: UUID) -> tuple[WorkOrder, Round]:
    """An order with everything an invoice needs, and its present round; locked, and those billed along with it. Raises
    LookupError when it is not there."""
    return _loaded(session, order_id, claims.lock_with_its_company(session, order_id))


def _loaded(session: Session, order_id: UUID, held: Collection[UUID]) -> tuple[WorkOrder, Round]:
    """What an invoice needs, read behind the locks, so that nothing of it is older than they are."""
    lines = joinedload(WorkOrder.lines).joinedload(WorkOrderLine.default)
    query = select(WorkOrder).options(
        joinedload(WorkOrder.relation), joinedload(WorkOrder.company), joinedload(WorkOrder.location), lines
    )
    query = query.where(WorkOrder.id == order_id).execution_options(populate_existing=True)
    ((order, here),) = claims.with_rounds(session, query, held)
    return order, here


def give_up(
    actor: Actor, order_id: UUID, reason: str, which: Callable[[Session, UUID], InvoicePosting | None] = live_posting
) -> None:
    """Let a posting go, with a reason; `which`: the order's invoice, or its credit. After a certain no its number is
    free again, else it is void. One of which nobody knows whether it arrived only the owner lets go, and only while its
    administration cannot be asked. Raises Refusal."""
    reason = bare(reason)
    if not reason:
        raise Refusal(msg("Schrijf op waarom deze plaatsing vervalt."), "reason")
    with write_transaction() as session:
        link = connection.locked(session)
        load_for_invoice(session, order_id)
        live = which(session, order_id)
        if live is None or not (states.may_give_up(live.state) or _may_give_up_unknown(live, link)):
            raise Refusal(msg("Deze plaatsing kan niet vervallen: de factuur is geplaatst of nog onderweg."))
        if live.state == states.UNCERTAIN and not actor.may(GIVES_UP_UNKNOWN):
            raise Refusal(msg("Alleen de eigenaar laat een factuur vervallen waarvan onzeker is of hij is aangekomen."))
        abandon(session, actor, live, reason)


def _may_give_up_unknown(live: InvoicePosting, link: Connection) -> bool:
    return states.may_give_up_unknown(live.state, connection.can_ask(live.administration, link))


def abandon(session: Session, actor: Actor, live: InvoicePosting, said: Message | str) -> None:
    """Let a posting go that is locked with its orders and may be given up. `said`: why, in a person's words or ours."""
    reason = as_written(said[:300]) if isinstance(said, str) else said
    left_number = states.number_after_giving_up(live.state, live.attempted_uncertain)
    numbers.mark(session, live.number, left_number, reason, administration=live.administration)
    live.state, live.note, live.code_moved_at = states.ABANDONED, reason, None
    claims.release(session, live)
    record(session, actor, "invoice.abandoned", "posting", live.id, live.number, number=live.number, reason=said)


def note_correction(actor: Actor, order_id: UUID, words: str) -> None:
    """Write down what somebody corrected by hand over there on a posted invoice; nothing is sent, the order stays as
    it is, and their totals are asked for again. Raises Refusal without words or without a posted invoice."""
    words = bare(words)
    if not words:
        raise Refusal(msg("Schrijf op wat u in e-Boekhouden hebt aangepast."), "note")
    with write_transaction() as session:
        load_for_invoice(session, order_id)
        live = live_posting(session, order_id)
        if live is None or live.state != states.POSTED:
            raise Refusal(msg("Deze factuur staat niet in e-Boekhouden, dus er valt daar niets aan te passen."))
        live.read_back_at = live.remote_excl = live.remote_vat = live.remote_incl = None
        record(
            session, actor, "invoice.corrected_there", "posting", live.id, live.number, number=live.number, note=words
        )


def present_posting(order_id: UUID) -> InvoicePosting | None:
    """The order's live posting, for showing."""
    return live_posting(db.session(), order_id)


def billed_earlier(order: WorkOrder) -> list[tuple[InvoicePosting, InvoicePosting]]:
    """What of the order was billed and taken back before, for showing."""
    return claims.billed_earlier(db.session(), order)


def last_abandoned(order_id: UUID) -> InvoicePosting | None:
    """The latest posting of the order that was given up, for showing."""
    query = select(InvoicePosting).join(InvoicePosting.orders).where(WorkOrder.id == order_id)
    query = query.where(InvoicePosting.state == states.ABANDONED)
    return db.session.scalars(query.order_by(InvoicePosting.id.desc()).limit(1)).first()
