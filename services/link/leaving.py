"""What is open in the administration that is linked: to be read before the link is changed or undone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select, union_all

from domain import leaving as rules
from domain.message import Message
from models import Connection, InvoicePosting, Relation, WorkOrder
from tenancy.database import db

SHOWN = 100


@dataclass(frozen=True)
class Open:
    """One invoice that is not posted and not let go, and what becomes of it."""

    posting_id: UUID
    number: str
    state: str
    incl: Decimal
    order_id: UUID
    order_number: str
    customer: str
    becomes: Message


@dataclass(frozen=True)
class Listed:
    """The first of them, oldest first; `more`: there are others."""

    rows: tuple[Open, ...]
    more: bool

    @property
    def seen(self) -> str:
        """Who says this has seen this very list; empty when there is nothing to see."""
        told = "\n".join(f"{row.posting_id} {row.state}" for row in self.rows)
        return hashlib.sha256(told.encode()).hexdigest()[:16] if self.rows else ""


def listed() -> Listed:
    """What is open in the administration that is linked, or was last."""
    # by the index of each state, or all that was ever posted is looked at
    each = [_of_state(state).subquery() for state in sorted(rules.OPEN)]
    query = (
        select(InvoicePosting, WorkOrder.id, WorkOrder.number, Relation.name)
        .join(InvoicePosting.orders)
        .outerjoin(WorkOrder.relation)
        .where(InvoicePosting.id.in_(union_all(*(select(one.c.id) for one in each))))
        .order_by(InvoicePosting.id)
        .limit(SHOWN + 1)
    )
    rows = [_open(*row) for row in db.session.execute(query)]
    return Listed(tuple(rows[:SHOWN]), len(rows) > SHOWN)


def _of_state(state: str) -> Select[UUID]:
    here = select(Connection.administration_number).scalar_subquery()
    query = select(InvoicePosting.id).where(InvoicePosting.state == state, InvoicePosting.administration == here)
    return query.order_by(InvoicePosting.settled_at, InvoicePosting.id).limit(SHOWN + 1)


def _open(posting: InvoicePosting, order_id: UUID, order_number: str, customer: str | None) -> Open:
    said = rules.becomes(posting.state, posting.attempted_uncertain)
    return Open(posting.id, posting.number, posting.state, posting.incl, order_id, order_number, customer or "", said)
