"""The list of invoice numbers ever issued: each in exactly one state, with its reason and its work order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from domain.message import Message
from models import InvoiceNumber, InvoicePosting, WorkOrder
from tenancy.database import db

PAGE = 50


@dataclass(frozen=True)
class Issued:
    """One number; the order is the one that carries it now, or carried it last."""

    number: str
    state: str
    reason: Message
    changed_at: datetime
    order_id: UUID | None
    order_number: str


@dataclass(frozen=True)
class Page:
    """A page of numbers; `next` asks the following one, or is empty."""

    rows: tuple[Issued, ...]
    next: str


def list_(after: str = "", state: str = "") -> Page:
    """A page of numbers, last issued first. `after` is the id of the last one seen; anything else begins at the top."""
    query = select(InvoiceNumber).order_by(InvoiceNumber.id.desc()).limit(PAGE + 1)  # ids rise with the moment of issue
    if state:
        query = query.where(InvoiceNumber.state == state)
    with suppress(ValueError):
        query = query.where(InvoiceNumber.id < UUID(after)) if after else query
    found = db.session.scalars(query).all()
    shown = found[:PAGE]
    orders = _orders([row.number for row in shown])
    rows = [
        Issued(row.number, row.state, row.reason, row.changed_at, *orders.get(row.number, (None, ""))) for row in shown
    ]
    return Page(tuple(rows), str(shown[-1].id) if len(found) > PAGE else "")


def all_() -> list[Issued]:
    """Every number ever issued, first issued first, for the export."""
    found = db.session.scalars(select(InvoiceNumber).order_by(InvoiceNumber.id)).all()
    orders = _orders(None)
    return [
        Issued(row.number, row.state, row.reason, row.changed_at, *orders.get(row.number, (None, ""))) for row in found
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
