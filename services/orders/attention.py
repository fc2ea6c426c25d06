"""Aandacht nodig: what does not go by itself, with age and the one thing that helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from domain import posting as states
from domain import work_order as rules
from domain.money import ZERO
from domain.permissions import Actor
from models import InvoicePosting, WorkOrder
from tenancy.database import db

TROUBLE = (states.REFUSED, states.CONFLICT, states.UNCERTAIN, states.NOT_SENT)
SHOWN = 20


@dataclass(frozen=True)
class Item:
    """One order that needs somebody: `state` is a posting state or not_invoiced."""

    order: WorkOrder
    state: str
    since: datetime
    code: str = ""


@dataclass(frozen=True)
class ToCheck:
    """Executed orders that wait for the office."""

    count: int
    total: Decimal
    oldest: date | None


_not_invoiced = and_(
    WorkOrder.state == rules.APPROVED, WorkOrder.not_billable_reason == "", ~WorkOrder.live_posting.has()
)


def count(actor: Actor) -> int:
    """How many orders need somebody, for the menu; nothing for a mechanic."""
    if not actor.may("price:read"):
        return 0
    session = db.session()
    trouble = session.scalar(select(func.count()).select_from(InvoicePosting).where(InvoicePosting.state.in_(TROUBLE)))
    waiting = session.scalar(select(func.count()).select_from(WorkOrder).where(_not_invoiced))
    return (trouble or 0) + (waiting or 0)


def items() -> list[Item]:
    """The orders that need somebody, worst first, oldest first within a kind."""
    session = db.session()
    query = (
        select(WorkOrder, InvoicePosting)
        .outerjoin(WorkOrder.live_posting)
        .where(or_(InvoicePosting.state.in_(TROUBLE), _not_invoiced))
        .options(joinedload(WorkOrder.relation))
        .order_by(WorkOrder.approved_at)
    )
    found = []
    for order, posting in session.execute(query.limit(200)):
        if posting is None:
            found.append(Item(order, "not_invoiced", order.approved_at or order.changed_at))
        else:
            found.append(Item(order, posting.state, posting.settled_at or posting.created_at, posting.code))
    rank = {state: place for place, state in enumerate((*TROUBLE, "not_invoiced"))}
    found.sort(key=lambda item: (rank[item.state], item.since))
    return found[:SHOWN]


def to_check() -> ToCheck:
    """Executed orders waiting to be checked."""
    query = select(func.count(), func.sum(WorkOrder.total_excl), func.min(WorkOrder.executed_on))
    number, total, oldest = db.session.execute(query.where(WorkOrder.state == rules.DONE)).one()
    return ToCheck(number, total or ZERO, oldest)
