"""What pages show of payments: of an invoice, of a customer, in the list of orders. Nothing is called or changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, bindparam, case, func, select, union_all

from domain import payment as rules
from domain.money import of_cents
from domain.payment import OWED, Paid
from models import Administration, Connection, InvoicePosting, Payment
from services.invoicing import claims
from services.link import connection
from services.paging import AnySelect
from tenancy.clock import today
from tenancy.database import db, in_cents
from tenancy.fence import standing

IS_OWED, IS_LATE, IS_UNKNOWN = "owed", "late", "payment_unknown"  # what the list of orders can show alone
FILTERS = (IS_OWED, IS_LATE, IS_UNKNOWN)
_LINKED = select(Connection.administration_number).scalar_subquery()
_OF_POSTING = and_(Payment.tenant_id == InvoicePosting.tenant_id, Payment.posting_id == InvoicePosting.id)


@dataclass(frozen=True)
class Shown:
    """How a posted invoice stands today. `paid` is None when nobody looked since it was posted; `left` euros are to be
    paid, by `due_on`; `as_of`: of when that is, and of one that is not known when it was known last (None: never).
    `here`: its administration is linked, so that it can be looked up."""

    paid: Paid | None
    left: Decimal | None
    due_on: date | None
    as_of: datetime | None
    late_by: timedelta
    here: bool


_BOOKS = and_(
    Administration.tenant_id == InvoicePosting.tenant_id, Administration.number == InvoicePosting.administration
)
_PAID = standing(
    select(Administration.payments_at, Payment)
    .select_from(InvoicePosting)
    .outerjoin(Administration, _BOOKS)
    .outerjoin(Payment, _OF_POSTING)
    .where(InvoicePosting.id == bindparam("posting_id"))
)


def of_posting(row: InvoicePosting, link: Connection | None = None) -> Shown:
    """How this posted invoice stands; `link`: the tenant's, for who read it already."""
    read_at, kept = db.session.execute(_PAID, {"posting_id": row.id}).one()
    here = connection.is_linked(row.administration, link)
    if kept is None:
        return Shown(None, None, None, read_at, timedelta(), here)
    on = today(db.session())
    known = rules.shown(kept.state, kept.due_on, on, here)
    late_by = on - kept.due_on if known is Paid.LATE and kept.due_on else timedelta()
    as_of = kept.known_at if kept.state == Paid.UNKNOWN else read_at or kept.since
    return Shown(known, kept.outstanding, kept.due_on, as_of, late_by, here)


@dataclass(frozen=True)
class Owed:
    """What a customer still has to pay in the linked administration: so many invoices, `late` of them past their last
    day, `total` euros together; the oldest was or is to be paid by `oldest`. `as_of`: of when that is; None when nobody
    ever looked."""

    invoices: int
    late: int
    total: Decimal
    oldest: date | None
    as_of: datetime | None


def owed_by(relation_id: UUID, on: date) -> Owed:
    """What this customer owes, and what of it is late on this day."""
    read_at = select(Administration.payments_at).where(Administration.number == _LINKED).scalar_subquery()
    late = func.coalesce(func.sum(case((Payment.due_on < on, 1), else_=0)), 0)
    query = select(func.count(Payment.id), late, in_cents(Payment.outstanding), func.min(Payment.due_on), read_at)
    query = query.where(Payment.relation_id == relation_id, Payment.state.in_(sorted(OWED)))
    found = db.session.execute(query.where(Payment.administration == _LINKED)).one()
    return Owed(found[0], int(found[1]), of_cents(found[2]), found[3], found[4])


def shown_with(orders: AnySelect) -> Any:
    """A query of orders joined with the posting that bills each, with what `of_row` wants of its payment in the linked
    administration; asked row by row, for one more table to join makes PostgreSQL begin elsewhere."""
    mine = _OF_POSTING, Payment.administration == _LINKED
    columns = (Payment.state, Payment.due_on)
    return orders.add_columns(
        *(select(one).where(*mine).correlate(InvoicePosting).scalar_subquery() for one in columns)
    )


def of_row(state: str | None, due_on: date | None, on: date) -> Paid | None:
    """How the invoice of a row stands on a day; None when that is not known of any."""
    return rules.shown(state, due_on, on) if state else None


def orders_that(which: str) -> Select[UUID] | CompoundSelect[UUID]:
    """The ids of the orders whose invoice stands so (one of FILTERS); to begin at the payments."""
    linked = Payment.administration == _LINKED
    if which == IS_UNKNOWN:
        return _billed(linked, Payment.state == Paid.UNKNOWN.value)
    late = (Payment.due_on < today(db.session()),) if which == IS_LATE else ()
    # one state at a time: of two SQLite supposes that they are so many that it had better begin at the orders
    return union_all(*(_billed(linked, Payment.state == state.value, *late) for state in sorted(OWED)))


def _billed(*stands: ColumnElement[bool]) -> Select[UUID]:
    return claims.billed_by(and_(*stands)).join(Payment, _OF_POSTING)
