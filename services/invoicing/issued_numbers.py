"""The list of invoice numbers ever issued: each in exactly one state, with its reason and its work order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from domain.message import Message
from models import InvoiceNumber, InvoicePosting, WorkOrder
from services.paging import Page, page_of
from tenancy.database import db


@dataclass(frozen=True)
class Issued:
    """One number; the order is the one that carries it now, or carried it last."""

    number: str
    state: str
    reason: Message
    changed_at: datetime
    order_id: UUID | None
    order_number: str


def list_(after: str = "", state: str = "") -> Page[Issued]:
    """A page of numbers, last issued first. `after` is the id of the last one seen; anything else begins at the top."""
    query = select(InvoiceNumber)
    if state:
        query = query.where(InvoiceNumber.state == state)
    page = page_of(query, InvoiceNumber, (), after, down=True)  # ids rise with the moment of issue
    return page.showing(_issued(page.rows))


def all_() -> list[Issued]:
    """Every number ever issued, first issued first, for the export."""
    found = db.session.scalars(select(InvoiceNumber).order_by(InvoiceNumber.id)).all()
    return _issued(found, everything=True)


def _issued(rows: Sequence[InvoiceNumber], everything: bool = False) -> list[Issued]:
    orders = _orders(None if everything else [row.number for row in rows])
    return [
        Issued(row.number, row.state, row.reason, row.changed_at, *orders.get(row.number, (None, ""))) for row in rows
    ]


def _orders(issued: Sequence[str] | None) -> dict[str, tuple[UUID | None, str]]:
    query = (
        select(InvoicePosting.number, WorkOrder.id, WorkOrder.number)
        .join(InvoicePosting.orders)
        .order_by(InvoicePosting.id)
    )
    if issued is not None:
        query = query.where(InvoicePosting.number.in_(issued))
    return {number: (order_id, order_number) for number, order_id, order_number in db.session.execute(query)}
