"""Aandacht nodig: what does not go by itself, with age and the one thing that helps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from domain import billing
from domain import posting as states
from domain import work_order as rules
from domain.money import ZERO
from domain.permissions import Actor
from models import InvoicePosting, WorkOrder
from tenancy.database import db

TROUBLE = (states.REFUSED, states.CONFLICT, states.UNCERTAIN, states.NOT_SENT)
SHOWN = 20
COUNTED = 100  # nobody reads the difference between 100 and 1,000, and counting them would take a look at each


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


def not_invoiced() -> tuple[ColumnElement[bool], ...]:
    """What makes an order wait for its invoice: checked, to be billed, and nothing bills it."""
    return WorkOrder.state == rules.APPROVED, WorkOrder.billing == billing.NONE


def _counts() -> Select[*tuple[int, ...]]:
    # state by state: most postings are posted, and asked for several states SQLite reckons that it must read them all
    each = [select(InvoicePosting.id).where(InvoicePosting.state == state) for state in TROUBLE]
    each.append(select(WorkOrder.id).where(*not_invoiced()))
    return select(*(select(func.count()).select_from(one.limit(COUNTED).subquery()).scalar_subquery() for one in each))


_COUNTS = _counts()  # made once: every page asks it


def count(actor: Actor) -> int:
    """How many orders need somebody, for the menu, 100 standing for 100 or more; nothing for a mechanic."""
    return min(sum(db.session.execute(_COUNTS).one()), COUNTED) if actor.may("price:read") else 0


def items() -> list[Item]:
    """The orders that need somebody, worst first, oldest first within a kind; the first 20."""
    found: list[Item] = []
    for state in TROUBLE:
        found += _in_trouble(state, SHOWN - len(found)) if len(found) < SHOWN else []
    waiting = select(WorkOrder).where(*not_invoiced()).order_by(WorkOrder.approved_at, WorkOrder.id)
    waiting = waiting.options(joinedload(WorkOrder.relation)).limit(SHOWN - len(found))
    orders = db.session.scalars(waiting) if len(found) < SHOWN else ()
    return found + [Item(order, "not_invoiced", order.approved_at or order.changed_at) for order in orders]


def _in_trouble(state: str, most: int) -> list[Item]:
    query = (
        select(WorkOrder, InvoicePosting)
        .select_from(InvoicePosting)
        .join(InvoicePosting.orders)
        .where(InvoicePosting.state == state)
        .options(joinedload(WorkOrder.relation))
        .order_by(InvoicePosting.settled_at, InvoicePosting.id)
        .limit(most)
    )
    return [
        Item(order, posting.state, posting.settled_at or posting.created_at, posting.code)
        for order, posting in db.session.execute(query)
    ]


def to_check() -> ToCheck:
    """Executed orders waiting to be checked."""
    query = select(func.count(), func.sum(WorkOrder.total_excl), func.min(WorkOrder.executed_on))
    number, total, oldest = db.session.execute(query.where(WorkOrder.state == rules.DONE)).one()
    return ToCheck(number, total or ZERO, oldest)
