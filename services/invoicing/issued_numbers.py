"""The list of invoice numbers ever issued: each in exactly one state, with its reason and its work order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from domain import posting as states
from domain.message import Message
from models import Connection, InvoiceNumber, InvoicePosting, WorkOrder
from services.invoicing import numbers
from services.link import ever_linked
from services.paging import Page, Part, all_of, page_of
from services.transaction import stop_reading
from tenancy.clock import today
from tenancy.database import db

AT_ONCE = 100


@dataclass(frozen=True)
class Issued:
    """One number; the order is the one that carries it now, or carried it last. `state` as it is shown, a key of
    domain.posting.NUMBER_LOOKS. `administration`: whose number it is, where the tenant had more than one."""

    number: str
    state: str
    reason: Message
    changed_at: datetime
    order_id: UUID | None
    order_number: str
    administration: str


def list_(after: str = "", state: str = "") -> Page[Issued]:
    """A page of numbers, last issued first. `after` is the id of the last one seen; anything else begins at the top."""
    query = select(InvoiceNumber)
    if state:
        query = query.where(InvoiceNumber.state == state)
    page = page_of(query, InvoiceNumber, (), after, down=True)  # ids rise with the moment of issue
    return page.showing(_issued(page.rows, ever_linked.names()))


def all_() -> Iterator[Issued]:
    """Every number ever issued, first issued first, for the export; never more than 100 rows in memory."""
    names = ever_linked.names()
    query = select(InvoiceNumber, InvoiceNumber.id)
    for rows in all_of(query, InvoiceNumber, Part(()), down=False, at_once=AT_ONCE):
        issued = _issued([row[0] for row in rows], names)
        stop_reading()  # whoever takes them slowly keeps no transaction open
        yield from issued


def _issued(rows: Sequence[InvoiceNumber], names: Mapping[int, str]) -> list[Issued]:
    orders, shown = _orders([row.number for row in rows]), _shown(rows)
    return [
        Issued(
            row.number,
            shown[row.id],
            row.reason,
            row.changed_at,
            *orders.get((row.administration, row.number), (None, "")),
            names.get(row.administration, ""),
        )
        for row in rows
    ]


def _shown(rows: Sequence[InvoiceNumber]) -> dict[UUID, str]:
    """How the state of each number is shown: only in the administration that is linked a free one is filled."""
    if not any(row.state == states.FREE for row in rows):
        return {row.id: row.state for row in rows}
    year = today(db.session()).year
    here = db.session.scalars(select(Connection.administration_number)).one()
    prefix, _following = numbers.invoice_series(db.session(), year, here)
    return {
        row.id: states.number_shown(
            row.state, row.year == year, row.prefix == prefix and states.belongs_in(row.administration, here)
        )
        for row in rows
    }


def _orders(issued: Sequence[str]) -> dict[tuple[int, str], tuple[UUID | None, str]]:
    """By administration and number."""
    query = (
        select(InvoicePosting.administration, InvoicePosting.number, WorkOrder.id, WorkOrder.number)
        .join(InvoicePosting.orders)
        .where(InvoicePosting.number.in_(issued))
        .order_by(InvoicePosting.id)
    )
    return {(where, number): (order_id, name) for where, number, order_id, name in db.session.execute(query)}
