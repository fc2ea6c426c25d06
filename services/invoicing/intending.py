"""Before the call: which invoice a press makes of which orders, and its intent, written under their locks.

For one order and for several on one invoice alike: what bills an order together with others is sent with all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from domain import billing, collective, questions
from domain import posting as states
from domain import work_order as order_rules
from domain.billing import Share
from domain.customer import Found
from domain.link import LinkState
from domain.message import N_, NOTHING, Message, Refusal, as_written, msg
from domain.notes import note
from domain.outcome import NotSent
from domain.permissions import Actor
from domain.preflight import Blocker, Candidate
from domain.questions import Question, Sure
from gateways.bookkeeping import BookkeepingError, Credentials
from models import Connection, InvoicePosting, WorkOrder, WorkOrderLine
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import (
    agreed,
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
from services.invoicing.claims import Round
from services.invoicing.customer import Customer
from services.invoicing.in_use import InUse
from services.invoicing.posting import Intent
from services.invoicing.preflight import candidate, candidates
from services.link import connection
from services.transaction import stop_reading
from tenancy.clock import today

Billed = tuple[WorkOrder, Round]  # an order, and its present round


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


@dataclass(frozen=True)
class Line:
    """The way to the bookkeeping before anything is written: the credentials of an active link, the customer as looked
    up there, and what was wrong with opening a session or looking up."""

    credentials: Credentials | None
    customer: Customer | None = None
    trouble: BookkeepingError | None = None


def open_line(deps: Dependencies, actor: Actor, order_id: UUID, job: Job | None = None) -> Line:
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
            return Line(credentials, who, error)
    return Line(credentials, who)


def lock(session: Session, order_id: UUID) -> tuple[Connection, list[Billed]]:
    """The link, and the order with those that are billed along with it, locked; the order first, and the link before
    all, as everywhere, so that nobody waits for one another."""
    link, held = claims.lock_with_the_link(session, order_id)
    return link, _first(claims.billed_with(_loaded(session, held), order_id), order_id)


def lock_several(session: Session, order_ids: Collection[UUID]) -> tuple[Connection, list[Billed]]:
    """The link, and these orders, locked. Raises LookupError, and Refusal when something bills one of them already."""
    link, held = claims.lock_with_the_link(session, *order_ids)
    found = [(order, here) for order, here in _loaded(session, held) if order.id in order_ids]
    for order, here in found:
        if order.state == order_rules.DONE and billing.whole(here.claims) is not None:
            raise Refusal(
                msg(
                    "Werkbon %(number)s heeft al een factuur, die niet is geplaatst. Verstuur die opnieuw, of laat die "
                    "vervallen.",
                    number=order.number,
                )
            )
    return link, found


def approve(session: Session, actor: Actor, together: Sequence[Billed], pressed: Collection[UUID]) -> None:
    """Move locked orders to gecontroleerd: those that were `pressed`, and those that were opened again of the invoice
    that they are on. Raises Refusal when one cannot be."""
    for order, _here in together:
        if order.id not in pressed and order.state == order_rules.APPROVED:
            continue
        if order_rules.transition(order.state, "approve") is None:
            raise Refusal(order_rules.why_not(order.state, "approve") if order.id in pressed else _waits(order))
        approval.approve(session, actor, order)


def refuse_when_not_approved(together: Sequence[Billed]) -> None:
    """Raises Refusal when one of these locked orders is not gecontroleerd; the first was pressed."""
    for place, (order, _here) in enumerate(together):
        if order.state != order_rules.APPROVED:
            raise Refusal(_waits(order) if place else note("press.not_approved"))


def _waits(order: WorkOrder) -> Message:
    return msg(
        "Werkbon %(number)s staat op dezelfde factuur en is %(state)s. Controleer die bon eerst, of laat de plaatsing "
        "vervallen.",
        number=order.number,
        state=order_rules.STATE_NAMES[order.state],
    )


def intend(
    session: Session,
    deps: Dependencies,
    actor: Actor,
    line: Line,
    link: Connection,
    together: Sequence[Billed],
    yes: Collection[str],
    n: int = 0,
) -> Intent | Pressed:
    """The intent to send one invoice of these locked orders, or what the press came to without one; `n`: of this term
    before the last of one order that is billed in terms. Raises Blocked, Asked or Refusal."""
    orders, here = [order for order, _here in together], together[0][1]
    if any(order.not_billable_reason for order in orders):
        return Pressed("not_billable")
    share = _share(together, n)
    live = next((one for one in here.claims if one.share == share.key), None) if n else billing.whole(here.claims)
    if live is not None and not states.may_send(live.state):
        return Pressed(live.state, live.posting)  # somebody was first, or it was re-opened: never posted twice
    on = today(session)
    if line.credentials is None or link.state == LinkState.BROKEN:
        if link.shown_state.is_broken:
            _unblocked(deps, link, orders, on, n)
        return Pressed("not_linked", live.posting if live else None)
    connection.check_same(link, line.credentials)
    if not n:
        _refuse_while_a_term_is_open(together, link)
    ours = _unblocked(deps, link, orders, on, n)
    _ask(session, actor, orders, ours, link, on, yes)
    older_copy.refuse_when_behind(link)
    said = _follow_customer(session, link, orders, line)
    if line.customer is not None and line.customer.asked:  # it may have another VAT number by now
        ours = _unblocked(deps, link, orders, on, n)
    on = collective.dated(ours)
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
    intent = posting.begin(session, deps, actor, row, collective.draft(ours, number, on))
    regimes = {one.order_number: one.regime for one in ours}
    for order in () if n else orders:
        order.billed_regime = regimes[order.number]
        confirming.remember(order)
    row.note = said
    if earlier is None:
        # a key refuses a second one
        rounds = {order.id: here for order, here in together} if live is None else None
        claims.claim(session, row, orders, share, rounds)
    if line.trouble is None:
        alone = len(orders) == 1 and not n and billing.has_to_itself(row.id, here.claims)
        at_a_limit = link.paused_until is not None
        return replace(intent, at_a_limit=at_a_limit, alone_on=orders[0].id if alone else None)
    session.flush()
    outcome = NotSent(line.trouble.why, line.trouble.code, line.trouble.text, line.trouble.problem)
    posting.close_attempt(session, intent.attempt_id, outcome)
    posting.conclude(session, actor, row, states.NOT_SENT, outcome)
    return Pressed(states.NOT_SENT, row.id)


def _share(together: Sequence[Billed], n: int) -> Share:
    """What the invoice bills of each of these orders. Raises Refusal for one in terms together with others, and for a
    term that is not agreed."""
    apart = next((order for order, _here in together if order.agreed_excl is not None), None)
    if apart is not None and len(together) > 1:
        raise in_terms(apart)
    plan = agreed.plan_of(together[0][0])
    if n and (plan is None or n >= plan.of):
        raise Refusal(msg("Deze termijn is er niet (meer). Bekijk de werkbon opnieuw."))
    if plan is None:
        return claims.THE_WHOLE
    return plan.share(n or plan.of)


def in_terms(order: WorkOrder) -> Refusal:
    """What is said of an order that cannot go on one invoice with others."""
    text = N_("Werkbon %(number)s gaat in termijnen, en kan niet met andere op een factuur.")
    return Refusal(msg(text, number=order.number))


def _refuse_while_a_term_is_open(together: Sequence[Billed], link: Connection) -> None:
    """The last term counts on what is known of those before it: that they stand over there, in these books. Raises
    Refusal."""
    for order, here in together:
        if not billing.may_bill_the_rest(here.claims):
            text = N_(
                "Van werkbon %(number)s is nog een termijn of de creditfactuur daarvan onderweg of niet geplaatst. "
                "Handel die eerst af: de laatste termijn trekt af wat al gefactureerd is."
            )
            raise Refusal(msg(text, number=order.number))
        for one in billing.to_subtract(here.claims):
            if not states.belongs_in(one.administration, link.administration_number):
                raise Refusal(note("press.elsewhere"))


def _unblocked(
    deps: Dependencies, link: Connection, orders: Sequence[WorkOrder], on: date, n: int = 0
) -> list[Candidate]:
    """These orders as they stand on the invoice. Raises Blocked."""
    ours = collective.in_order([candidate(orders[0], link, on, n)] if n else candidates(orders, link, on))
    found = collective.blockers(ours, deps.bookkeeping.limits)
    if found:
        raise Blocked(found)
    return ours


def _ask(
    session: Session,
    actor: Actor,
    orders: Sequence[WorkOrder],
    ours: Sequence[Candidate],
    link: Connection,
    on: date,
    yes: Collection[str],
) -> None:
    """Keep what the person says yes to, with the trail to match. Raises Asked for what nobody said yes to."""
    by_number = {one.order_number: one for one in ours}
    asked = [(one, question) for one in orders for question in confirming.asked(one, link, on, by_number[one.number])]
    of_all = of_total(ours, on, link) if len(orders) > 1 else ()
    left = tuple(question for question in (*(one for _order, one in asked), *of_all) if question.answer not in yes)
    if left:
        raise Asked(left)
    for order, question in asked:
        confirming.keep(session, actor, order, question, bool(ours[0].term))
    for question in of_all:  # of the invoice and no order's, so that only the trail keeps it
        confirming.tell(session, actor, orders[0], question)


def of_total(ours: Sequence[Candidate], on: date, link: Connection) -> tuple[Question, ...]:
    """What is to be asked about what these orders come to on one invoice."""
    return questions.asked(None, on, collective.draft(ours, "", on).totals.incl, Sure(), link.ask_above)


def _follow_customer(session: Session, link: Connection, orders: Sequence[WorkOrder], line: Line) -> Message:
    """Draw on what the look-up found, on the customer of these orders as it stands under the lock; what there is to say
    of it. Raises Blocked when the code leads to somebody else, and Changed when another customer or code was looked
    up."""
    if line.trouble is not None:
        return NOTHING
    row, who = orders[0].relation, line.customer
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


def load_for_invoice(session: Session, order_id: UUID) -> tuple[WorkOrder, Round]:
    """An order with everything an invoice needs, and its present round; locked, and those billed along with it. Raises
    LookupError when it is not there."""
    return load_together(session, order_id)[0]


def load_together(session: Session, order_id: UUID) -> list[Billed]:
    """`load_for_invoice`, and after the order those that are on one invoice with it."""
    held = claims.lock_with_its_company(session, order_id)
    return _first(claims.billed_with(_loaded(session, held), order_id), order_id)


def _first(found: Sequence[Billed], order_id: UUID) -> list[Billed]:
    return sorted(found, key=lambda one: (one[0].id != order_id, one[0].id))


def _loaded(session: Session, held: Collection[UUID]) -> list[Billed]:
    """What an invoice needs, read behind the locks, so that nothing of it is older than they are."""
    lines = joinedload(WorkOrder.lines).joinedload(WorkOrderLine.default)
    query = select(WorkOrder).options(
        joinedload(WorkOrder.relation), joinedload(WorkOrder.company), joinedload(WorkOrder.location), lines
    )
    query = query.where(WorkOrder.id.in_(held)).execution_options(populate_existing=True)
    return claims.with_rounds(session, query, held)


def refuse_when_counted_on(here: Round, live: InvoicePosting) -> None:
    """Raises Refusal when the last term, which may stand over there, subtracts what this posting bills."""
    of_a_term = any(one.posting == live.id and one.is_term for one in here.claims)
    if of_a_term and billing.counts_on_terms(here.claims):
        raise Refusal(
            msg(
                "De laatste termijn trekt deze factuur af, dus hij kan niet vervallen. Verstuur hem opnieuw, of "
                "crediteer eerst de laatste termijn."
            )
        )


def abandon(session: Session, actor: Actor | str, live: InvoicePosting, said: Message | str) -> None:
    """Let a posting go that is locked with its orders and may be given up. `said`: why, in a person's words or ours."""
    reason = as_written(said[:300]) if isinstance(said, str) else said
    left_number = states.number_after_giving_up(live.state, live.attempted_uncertain)
    numbers.mark(session, live.number, left_number, reason, administration=live.administration)
    live.state, live.note, live.code_moved_at = states.ABANDONED, reason, None
    claims.release(session, live)
    record(session, actor, "invoice.abandoned", "posting", live.id, live.number, number=live.number, reason=said)
