"""Work orders: making, editing, moving along the transition table. Listing is in services/orders/listing.py."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from domain import posting as states
from domain import sums
from domain import work_order as rules
from domain.meanwhile import Opened
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from domain.work_order import Transition
from models import Article, Location, Relation, Visit, WorkOrder, WorkOrderLine, load_lists
from oversight.audit_trail import record
from services import meanwhile
from services.invoicing import claims, confirming, numbers
from services.invoicing.claims import live_posting
from services.invoicing.preflight import load_lines
from services.orders import agreement, executed, visits
from services.orders.listing import visible
from services.orders.visits import Planned
from services.transaction import write_transaction
from tenancy.clock import database_now, today
from tenancy.database import db
from tenancy.fence import standing

_PLANNED = ("work_order.created", "work_order.changed", "work_order.planned")
_REPORTED = ("work_order.created", "work_order.changed", "work_order.reported")
_EDITED = (*_PLANNED, "work_order.reported")


@dataclass(frozen=True)
class LineInput:
    """One line as typed; price in euros excluding VAT."""

    kind: str
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat_code: str
    ledger_code: str = ""
    code: str = ""
    article_id: UUID | None = None


@dataclass(frozen=True)
class OrderInput:
    """A work order as typed; `yes`: the answers to what was asked about it."""

    title: str
    relation_id: UUID | None = None
    location_id: UUID | None = None
    worker_id: UUID | None = None
    planned_on: date | None = None
    planned_from: time | None = None
    planned_hours: Decimal | None = None
    executed_on: date | None = None
    customer_order_number: str = ""
    vat_regime: str = ""
    wage_part: Decimal | None = None
    executed_from: date | None = None
    invoice_on: date | None = None
    yes: tuple[str, ...] = ()
    description: str = ""
    work_done: str = ""
    office_note: str = ""
    lines: tuple[LineInput, ...] = field(default=())


_ONE = standing(
    select(WorkOrder)
    .where(WorkOrder.id == bindparam("order_id"))
    .options(
        joinedload(WorkOrder.relation),
        joinedload(WorkOrder.company),
        joinedload(WorkOrder.location),
        claims.WITH_ITS_CREDIT,
    )
    .execution_options(populate_existing=True)
)


def get(actor: Actor, order_id: UUID, brief: bool = False) -> WorkOrder | None:
    """One order with relation, location, the postings that bill and credit it, visits and lines (`brief`: without
    those two); None when it is not there or not this mechanic's."""
    session = db.session()
    found = session.scalars(visible(_ONE, actor), {"order_id": order_id}).all()
    if not brief:
        visits.load(session, found)
        load_lines(session, found)
    return next(iter(found), None)


def moves_for(actor: Actor, order: WorkOrder) -> tuple[Transition, ...]:
    """The moves this person may make now."""
    return tuple(row for row in rules.TRANSITIONS if row.source == order.state and actor.may(row.permission))


def create(actor: Actor, typed: OrderInput) -> UUID:
    """Make a work order. Raises Refusal for what is wrong with the input."""
    with write_transaction() as session:
        now = database_now(session)
        order = WorkOrder(
            number=numbers.next_order_number(session, today(session)), created_at=now, changed_at=now, title=""
        )
        session.add(order)
        session.flush()
        record(session, actor, "work_order.created", "work_order", order.id, order.number)
        _fill(session, actor, order, typed)
        return order.id


def locked_order(session: Session, actor: Actor, order_id: UUID) -> WorkOrder:
    """An order with its row locked. Raises LookupError when it is not there or not this mechanic's."""
    query = visible(select(WorkOrder).where(WorkOrder.id == order_id), actor).with_for_update()
    order = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if order is None:
        raise LookupError(order_id)
    return order


def is_locked(session: Session, order_id: UUID) -> bool:
    """Whether an invoice posting freezes the order's content."""
    live = live_posting(session, order_id)
    return live is not None and live.state in states.LOCKS_ORDER


def stands(order: WorkOrder) -> OrderInput:
    """An order as its form is filled in; its visits and lines must be loaded."""
    return OrderInput(
        order.title, order.relation_id, order.location_id, order.worker_id, order.planned_on, order.planned_from,
        order.planned_hours, order.executed_on, order.customer_order_number, order.vat_regime, order.wage_part,
        order.executed_from, order.invoice_on,
        description=order.description, work_done=order.work_done, office_note=order.office_note,
        lines=tuple(map(_line, order.lines)),
    )  # fmt: skip


def _line(row: WorkOrderLine) -> LineInput:
    return LineInput(
        row.kind, row.description, row.quantity, row.unit, row.price, row.vat_code, row.ledger_code, row.code,
        row.article_id,
    )  # fmt: skip


def _loaded(session: Session, order: WorkOrder) -> WorkOrder:
    """A locked order with its visits and lines as they are under the lock."""
    visits.load(session, [order])
    load_lists(session, [order], WorkOrder.lines)
    return order


def plan_of(order: WorkOrder) -> dict[str, Any]:
    """When and who, as the form that plans is filled in; its visits must be loaded."""
    return {
        "planned_on": order.planned_on, "planned_from": order.planned_from, "planned_hours": order.planned_hours,
        "worker_id": order.worker_id,
    }  # fmt: skip


def edit(actor: Actor, order_id: UUID, typed: OrderInput, opened: Opened | None = None) -> None:
    """Change an order, whose form was opened on `opened`. Raises Refusal when it is locked or something is wrong."""
    with write_transaction() as session:
        order = locked_order(session, actor, order_id)
        _check_editable(session, order)
        typed = meanwhile.settle(session, opened, typed, stands(_loaded(session, order)), order.id, *_EDITED)
        record(session, actor, "work_order.changed", "work_order", order.id, order.number)
        _tell_order_number(session, actor, order, typed)
        _fill(session, actor, order, typed, order.lines, order.visits)
        touch(session, order)


def _tell_order_number(session: Session, actor: Actor, order: WorkOrder, typed: OrderInput) -> None:
    """Another number by which the customer knows the job stands in the trail with both: its invoice may be refused."""
    before, after = order.customer_order_number, bare(typed.customer_order_number)
    if before != after:
        told = {"before": before or "–", "after": after or "–"}
        record(session, actor, "work_order.order_number", "work_order", order.id, order.number, **told)


def _check_editable(session: Session, order: WorkOrder) -> None:
    if order.state not in rules.EDITABLE:
        raise Refusal(rules.why_not(order.state, "edit"))
    if is_locked(session, order.id):
        raise Refusal(msg("Deze werkbon hoort bij een factuur die geplaatst of onderweg is; de inhoud staat vast."))


def touch(session: Session, order: WorkOrder) -> None:
    """A locked order was changed: forms that were opened before are older than it."""
    order.changed_at = database_now(session)
    order.version += 1


def _fill(
    session: Session, actor: Actor, order: WorkOrder, typed: OrderInput,
    lines: Sequence[WorkOrderLine] = (), known: Sequence[Visit] = (),
) -> None:  # fmt: skip
    if not bare(typed.title):
        raise Refusal(msg("Geef kort aan wat het werk is."), "title")
    _check_owned(session, typed)
    if order.relation_id != typed.relation_id and agreement.is_billed(session, order):
        raise Refusal(msg("Aan deze klant is al een termijn gefactureerd. Crediteer die eerst."), "relation_id")
    confirmed = executed.check(session, order, typed.executed_on, typed.yes)
    executed.check_first(session, typed.executed_from, typed.executed_on)
    if typed.invoice_on is not None and typed.invoice_on != order.invoice_on:
        executed.check_invoice_date(session, typed.invoice_on, typed.executed_on)
    if (order.relation_id, order.location_id) != (typed.relation_id, typed.location_id):
        order.keep_declaration(None)  # it was of another place
    for name in (
        "relation_id",
        "location_id",
        "executed_on",
        "executed_from",
        "invoice_on",
        "vat_regime",
        "wage_part",
        "description",
        "work_done",
        "office_note",
    ):
        setattr(order, name, getattr(typed, name))
    if confirmed:
        confirming.keep(session, actor, order, confirmed)
    order.title = bare(typed.title)
    order.customer_order_number = bare(typed.customer_order_number)
    replace_lines(session, order, typed.lines, lines)
    planned = Planned(typed.planned_on, typed.planned_from, typed.planned_hours, typed.worker_id)
    visits.plan(session, actor, order, planned, known)


def _check_owned(session: Session, typed: OrderInput) -> None:
    """Chosen ids must be rows of this tenant (the fence hides all others) and belong together."""
    chosen = select(Relation.id).where(Relation.id == typed.relation_id).with_for_update(read=True, key_share=True)
    if typed.relation_id and session.scalar(chosen) is None:  # locked: it may be on its way to become another
        raise Refusal(msg("Deze relatie bestaat niet meer. Kies een andere."), "relation_id")
    if typed.location_id:
        owner = session.scalar(select(Location.relation_id).where(Location.id == typed.location_id))
        if owner is None or owner != typed.relation_id:
            raise Refusal(msg("Deze werklocatie hoort niet bij de gekozen klant."), "location_id")


def replace_lines(
    session: Session, order: WorkOrder, lines: tuple[LineInput, ...], present: Sequence[WorkOrderLine]
) -> None:
    """Put these lines in the place of the `present` ones and keep the order's total in step. Raises Refusal when
    they come to more than fits."""
    wanted = {line.article_id for line in lines if line.article_id}
    known = set(session.scalars(select(Article.id).where(Article.id.in_(wanted)))) if wanted else set()
    for old in present:
        session.delete(old)
    session.flush()
    order.total_excl = sums.total((line.quantity, line.price) for line in lines)
    for position, line in enumerate(lines, 1):
        row = WorkOrderLine(
            order_id=order.id, position=position, kind=line.kind, code=line.code, description=line.description,
            quantity=line.quantity, unit=line.unit, price=line.price, vat_code=line.vat_code,
            ledger_code=line.ledger_code, article_id=line.article_id if line.article_id in known else None,
        )  # fmt: skip
        session.add(row)
    session.flush()


def move(
    actor: Actor, order_id: UUID, verb: str, done_on: date | None = None, yes: Collection[str] = ()
) -> None:  # fmt: skip
    """Make a move of the transition table, but approve (services/invoicing/press.py). `done_on`: the day on which work
    that is finished was done, `yes` the answers to what was asked about it. Raises Refusal, LookupError."""
    if verb == "approve":
        raise ValueError("approving posts an invoice: services.invoicing.press.approve")
    with write_transaction() as session:
        _step(session, actor, locked_order(session, actor, order_id), verb, done_on, yes)


def _step(
    session: Session, actor: Actor, order: WorkOrder, verb: str, done_on: date | None, yes: Collection[str] = ()
) -> None:  # fmt: skip
    step = rules.transition(order.state, verb)
    if step is None:
        raise Refusal(rules.why_not(order.state, verb))
    if not actor.may(step.permission):
        raise Refusal(msg("Uw rol mag deze stap niet zetten."))
    _check_step(session, order, verb)
    before, order.state = order.state, step.target
    if verb == "finish":
        executed.finished(session, actor, order, done_on, yes)
    visits.follow(session, order, verb)
    touch(session, order)
    data = {"from_name": rules.state_note(before), "to_name": rules.state_note(order.state)}
    record(session, actor, "work_order.moved", "work_order", order.id, order.number, **data)


def _check_step(session: Session, order: WorkOrder, verb: str) -> None:
    if verb == "plan" and not any(visit.firm for visit in visits.of_order(session, order.id)):
        raise Refusal(msg("Kies eerst een dag en een medewerker."), "planned_on")
    if verb == "cancel" and agreement.is_billed(session, order) and not claims.leave_what_was_credited(session, order):
        raise Refusal(msg("Er zijn termijnen van deze werkbon gefactureerd. Crediteer die eerst."))
    if verb == "reopen" and not claims.leave_what_was_credited(session, order) and is_locked(session, order.id):
        text = N_("De factuur van deze werkbon staat al in e-Boekhouden of is onderweg. Crediteer hem eerst.")
        raise Refusal(msg(text))


def plan(
    actor: Actor, order_id: UUID, on: date | None, worker_id: UUID | None, at: time | None, hours: Decimal | None,
    opened: Opened | None = None,
) -> None:  # fmt: skip
    """Plan an order on a day with a worker, or move it, on a form that was opened on `opened`; without a day it goes
    back to the backlog. Raises Refusal and LookupError."""
    with write_transaction() as session:
        order = locked_order(session, actor, order_id)
        if order.state not in rules.OPEN:
            raise Refusal(
                msg(
                    "Deze werkbon is %(state)s en kan niet meer verplaatst worden.",
                    state=rules.STATE_NAMES[order.state],
                )
            )
        visits.load(session, [order])
        typed: dict[str, Any] = {"planned_on": on, "planned_from": at, "planned_hours": hours, "worker_id": worker_id}
        typed = meanwhile.settle(session, opened, typed, plan_of(order), order.id, *_PLANNED)
        hours = typed["planned_hours"]
        if on is not None:  # the backlog has no day, time or worker, whatever stood there
            on, at, worker_id = typed["planned_on"], typed["planned_from"], typed["worker_id"]
        if on is not None and worker_id is None:
            raise Refusal(msg("Kies wie het werk doet."), "worker_id")
        visits.plan(session, actor, order, Planned(on, at, hours, worker_id), order.visits)
        touch(session, order)


def report(
    actor: Actor, order_id: UUID, work_done: str, lines: tuple[LineInput, ...], finish: bool = False,
    opened: Opened | None = None, done_on: date | None = None, yes: Collection[str] = (),
) -> None:  # fmt: skip
    """A mechanic's report, on a form that was opened on `opened`: what was done, and the lines added to those already
    there. With `finish` the work is done too, unless it was already, on the day `done_on`: all is kept, or nothing.
    Raises Refusal and LookupError."""
    with write_transaction() as session:
        order = locked_order(session, actor, order_id)
        if order.state not in {rules.PLANNED, rules.STARTED, rules.DONE}:
            raise Refusal(rules.why_not(order.state, "report"))
        _check_editable(session, order)
        typed, now = {"work_done": work_done.strip()}, {"work_done": order.work_done}
        order.work_done = meanwhile.settle(session, opened, typed, now, order.id, *_REPORTED)["work_done"]
        rows = list(
            session.scalars(
                select(WorkOrderLine).where(WorkOrderLine.order_id == order.id).order_by(WorkOrderLine.position)
            )
        )
        replace_lines(session, order, tuple(map(_line, rows)) + lines, rows)
        touch(session, order)
        record(session, actor, "work_order.reported", "work_order", order.id, order.number)
        if finish and order.state != rules.DONE:
            _step(session, actor, order, "finish", done_on, yes)


def set_billable(actor: Actor, order_id: UUID, reason: str | None, opened: Opened | None = None) -> None:
    """Mark an order as not to be invoiced (with a reason, on a form that was opened on `opened`), or as billable again
    (None). Raises Refusal and LookupError."""
    with write_transaction() as session:
        order = locked_order(session, actor, order_id)
        if reason is not None and not bare(reason):
            raise Refusal(msg("Schrijf op waarom deze werkbon niet gefactureerd wordt."), "reason")
        billed = live_posting(session, order_id) is not None or agreement.is_billed(session, order)
        if billed and not claims.leave_what_was_credited(session, order):
            raise Refusal(msg("Er loopt al een factuur voor deze werkbon."))
        if reason is not None:
            typed, now = {"reason": reason}, {"reason": order.not_billable_reason}
            reason = meanwhile.settle(session, opened, typed, now, order.id, "work_order.not_billable")["reason"]
        order.not_billable_reason = (reason or "").strip()[:300]
        claims.retell(session, [order])
        touch(session, order)
        if reason is None:
            record(session, actor, "work_order.billable", "work_order", order.id, order.number)
        else:
            record(
                session, actor, "work_order.not_billable", "work_order", order.id, order.number, reason=reason.strip()
            )
