"""What is agreed to bill of an order in terms: written down by the office, and changed only where nothing was sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import billing
from domain import posting as states
from domain import terms as rules
from domain import work_order as order_rules
from domain.meanwhile import Opened
from domain.message import Refusal, msg
from domain.money import ZERO
from domain.permissions import Actor
from domain.terms import Plan, Term
from domain.visible import bare
from domain.written import euros, number
from models import BillingTerm, InvoicePosting, WorkOrder
from oversight.audit_trail import record
from services.invoicing import agreed, claims
from services.invoicing.claims import Changed
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db


def is_billed(session: Session, order: WorkOrder) -> bool:
    """Whether a term of a locked order is claimed in its present round; nothing is asked of one billed whole."""
    return order.agreed_excl is not None and bool(claims.round_of(session, order.id).claims)


def sent(order_id: UUID) -> int:
    """The highest number of a term of the order, before the last, that is on an invoice; 0 for none."""
    return max(claims.terms_of(db.session(), [order_id])[order_id], default=0)


@dataclass(frozen=True)
class Part:
    """A term before the last, as an order's page shows it: its number, name and amount in euros excluding VAT, and the
    posting that bills it, with its credit."""

    n: int
    label: str
    amount: Decimal
    posting: InvoicePosting | None

    @property
    def state(self) -> str:
        """How it stands: a posting state, credited, or empty when it was never sent."""
        if self.posting is None:
            return ""
        return "credited" if self.posting.is_credited else self.posting.state


@dataclass(frozen=True)
class Shown:
    """What was agreed of an order, and how far that is, in euros excluding VAT. `left`: what is left to bill of the
    order as it stands, with the terms that were not sent."""

    plan: Plan
    parts: tuple[Part, ...]
    billed: Decimal
    left: Decimal

    @property
    def last(self) -> Decimal:
        """What the last term comes to when all before it are sent apart."""
        waiting = (part.amount for part in self.parts if part.state not in {states.POSTED, "credited"})
        return self.left - sum(waiting, ZERO)


def shown(order: WorkOrder) -> Shown | None:
    """The terms of an order for its page; None when it is billed whole. Its live claim must be loaded."""
    plan = agreed.plan_of(order)
    if plan is None:
        return None
    rows = claims.terms_of(db.session(), [order.id])[order.id]
    parts = tuple(Part(n, term.label, plan.amount(n), rows.get(n)) for n, term in enumerate(plan.terms, 1))
    last = order.live_posting
    stand = [part.posting for part in parts if part.posting is not None and part.state == states.POSTED]
    if last is not None and last.state == states.POSTED and not order.is_credited:
        stand.append(last)
    billed = sum((one.excl for one in stand), ZERO)
    return Shown(plan, parts, billed, order.total_excl - billed)


def stands(plan: Plan | None) -> dict[str, Any]:
    """A plan as its form is opened on it."""
    rows = [(term.label, str(term.percent), str(term.amount)) for term in plan.terms] if plan else []
    return {"plan": [str(plan.agreed) if plan else "", *rows]}


def plan_of(order_id: UUID) -> Plan | None:
    """The terms of an order, for its form. Raises LookupError."""
    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one_or_none()
    if order is None:
        raise LookupError(order_id)
    return agreed.plan_of(order)


def agree(actor: Actor, order_id: UUID, plan: Plan | None, opened: Opened | None = None) -> None:
    """An order is billed in these terms, typed in a form that was opened on `opened`; None: whole again. What was sent
    stays as it is. Raises LookupError, Changed, and Refusal with the field (domain.terms.checked)."""
    with write_transaction() as session:
        (order,) = claims.lock_orders(session, {order_id: None})
        present, done = agreed.plan_of(order), sent(order_id)
        if opened is not None and opened.digests and not opened.same("plan", stands(present)["plan"]):
            raise Changed(
                msg("Iemand anders heeft de termijnen intussen gewijzigd. Druk nog een keer om dat te vervangen.")
            )
        if order.state == order_rules.CANCELLED or order.not_billable_reason:
            raise Refusal(msg("Voor deze werkbon komt geen factuur, dus ook geen termijnen."))
        if billing.whole(claims.round_of(session, order_id).claims) is not None:
            raise Refusal(msg("De factuur van deze werkbon is al gemaakt; aan de termijnen verandert niets meer."))
        if plan is not None:
            plan = rules.checked(Plan(plan.agreed, tuple(map(_bare, plan.terms))))
        if done and (plan is None or present is None or not rules.keeps(present, plan, done)):
            raise Refusal(
                msg("Termijn %(n)s is al gefactureerd: die en het afgesproken bedrag blijven zoals ze zijn.", n=done),
                "agreed",
            )
        if plan == present:
            return
        _write(session, order, plan)
        order.changed_at, order.version = database_now(session), order.version + 1
        _tell(session, actor, order, plan)


def _bare(term: Term) -> Term:
    return Term(bare(term.label), term.percent, term.amount)


def _write(session: Session, order: WorkOrder, plan: Plan | None) -> None:
    for row in session.scalars(select(BillingTerm).where(BillingTerm.order_id == order.id)):
        session.delete(row)
    session.flush()
    order.agreed_excl = plan.agreed if plan else None
    for n, term in enumerate(plan.terms if plan else (), 1):
        session.add(BillingTerm(order_id=order.id, n=n, label=term.label, percent=term.percent, amount=term.amount))
    if plan is not None:
        claims.replan(session, order, plan.of)
    session.flush()


def _tell(session: Session, actor: Actor, order: WorkOrder, plan: Plan | None) -> None:
    if plan is None:
        record(session, actor, "work_order.terms_withdrawn", "work_order", order.id, order.number)
        return
    parts = [
        f"{term.label} {number(term.percent) + '%' if term.percent is not None else euros(plan.amount(n))}"
        for n, term in enumerate(plan.terms, 1)
    ]
    told = {"agreed": plan.agreed, "terms": ", ".join(parts)}
    record(session, actor, "work_order.terms", "work_order", order.id, order.number, **told)
