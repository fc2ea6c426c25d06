"""Number series: work orders and invoices. Every invoice number ever issued is in exactly one state."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.administration import FIRST
from domain.message import N_, NOTHING, Message, Refusal, msg
from domain.numbering import written
from domain.posting import FREE, HELD
from models import InvoiceNumber, NumberSeries
from tenancy.clock import database_now

DEFAULT_PREFIX = "WB"


def _series(session: Session, kind: str, year: int) -> NumberSeries:
    """The present series of a kind for a year, row locked; made when the year is new."""
    rows = _locked_series(session, kind)
    for row in rows:
        if row.year == year:
            return row
    prefix = rows[0].prefix if rows else (DEFAULT_PREFIX if kind == "invoice" else "")
    made = NumberSeries(kind=kind, prefix=prefix, year=year, next=1, current=True)
    try:
        with session.begin_nested():
            session.add(made)
        return made
    except IntegrityError:
        # Somebody else made it a moment ago: there was no row yet to wait for.
        return next(row for row in _locked_series(session, kind) if row.year == year)


def _locked_series(session: Session, kind: str) -> list[NumberSeries]:
    query = select(NumberSeries).where(NumberSeries.kind == kind, NumberSeries.current)
    query = query.order_by(NumberSeries.year.desc()).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(query))


def next_order_number(session: Session, on: date) -> str:
    """A number for a new work order. Call inside a write transaction."""
    series = _series(session, "work_order", on.year)
    number = written(series.prefix, series.year, series.next)
    series.next += 1
    return number


def peek_invoice_number(session: Session, on: date) -> str:
    """The invoice number that would be given out next; nothing is reserved or written."""
    query = select(NumberSeries).where(NumberSeries.kind == "invoice", NumberSeries.current)
    rows = list(session.scalars(query.order_by(NumberSeries.year.desc())))
    prefix = rows[0].prefix if rows else DEFAULT_PREFIX
    free = _free(session, prefix, on.year)
    if free is not None:
        return free.number
    serial = next((row.next for row in rows if row.year == on.year), 1)
    return written(prefix, on.year, serial)


def _free(session: Session, prefix: str, year: int) -> InvoiceNumber | None:
    query = (
        select(InvoiceNumber)
        .where(InvoiceNumber.state == FREE, InvoiceNumber.prefix == prefix, InvoiceNumber.year == year)
        .order_by(InvoiceNumber.id)  # as they were issued: the lowest serial first, and the index of states ends in it
    )
    return session.scalars(query.limit(1)).first()


def reserve_invoice_number(session: Session, on: date) -> str:
    """Hold an invoice number: a free one of this prefix and year first, else the next. Inside a write transaction."""
    now = database_now(session)
    counted, row = _count_on(session, on.year), None
    if counted is None:
        series = _series(session, "invoice", on.year)
        row = _free(session, series.prefix, series.year)
        if row is None:
            _pass_over_used(session, series)
            counted = series.prefix, series.next
            series.next += 1
            session.flush()
    if counted is not None:
        prefix, serial = counted
        number = written(prefix, on.year, serial)
        row = InvoiceNumber(number=number, prefix=prefix, year=on.year, serial=serial)
        session.add(row)
    assert row is not None
    row.state, row.reason, row.changed_at = HELD, NOTHING, now
    return row.number


def _count_on(session: Session, year: int) -> tuple[str, int] | None:
    """Lock the present invoice series of a year and count it on: its prefix and the serial that it gave out. None when
    the year is new, while there is a free number, and when the next one is known to be used over there."""
    of_series = (
        InvoiceNumber.tenant_id == NumberSeries.tenant_id,
        InvoiceNumber.prefix == NumberSeries.prefix,
        InvoiceNumber.year == NumberSeries.year,
    )
    free = exists().where(*of_series, InvoiceNumber.state == FREE)
    used = exists().where(*of_series, InvoiceNumber.serial == NumberSeries.next)
    query = update(NumberSeries).where(NumberSeries.kind == "invoice", NumberSeries.current, NumberSeries.year == year)
    query = (
        query.where(~free, ~used).values(next=NumberSeries.next + 1).returning(NumberSeries.prefix, NumberSeries.next)
    )
    counted = session.execute(query.execution_options(synchronize_session=False)).one_or_none()
    return (counted[0], counted[1] - 1) if counted else None


def _pass_over_used(session: Session, series: NumberSeries) -> None:
    """Count a locked series on to a serial that no number has: some were found over there before their turn came."""
    query = select(InvoiceNumber.serial).where(
        InvoiceNumber.prefix == series.prefix,
        InvoiceNumber.year == series.year,
        InvoiceNumber.serial >= series.next,
    )
    used = set(session.scalars(query))
    while series.next in used:
        series.next += 1


def found_there(session: Session, number: str, parts: tuple[str, int, int], state: str, reason: Message) -> None:
    """Put a number of a series of ours, which turned out to be used over there, in this state, whether it was ever
    given out here or not. `parts`: its prefix, year and serial. When its turn comes the series passes it over."""
    row = session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == number)).one_or_none()
    if row is None:
        prefix, year, serial = parts
        row = InvoiceNumber(number=number, prefix=prefix, year=year, serial=serial)
    row.state, row.reason, row.changed_at = state, reason, database_now(session)
    session.add(row)
    session.flush()


def mark(
    session: Session,
    number: str,
    state: str,
    reason: Message = NOTHING,
    administration: int = FIRST,
) -> None:
    """Put a number that was issued for an administration in another state."""
    # the whole key, or the database looks at every number of the tenant
    query = update(InvoiceNumber).where(InvoiceNumber.administration == administration, InvoiceNumber.number == number)
    values = {"state": state, "reason": reason, "changed_at": database_now(session)}
    if session.execute(query.values(values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LookupError(number)


def set_invoice_series(session: Session, year: int, prefix: str, start: int) -> None:
    """Choose prefix and next serial for a year. Raises Refusal when that number (or a later one) was issued before."""
    issued = session.scalar(
        select(InvoiceNumber.serial)
        .where(InvoiceNumber.prefix == prefix, InvoiceNumber.year == year, InvoiceNumber.serial >= start)
        .order_by(InvoiceNumber.serial.desc())
        .limit(1)
    )
    if issued is not None:
        text = N_("Nummer %(number)s is al uitgegeven; kies een hoger volgend nummer.")
        raise Refusal(msg(text, number=written(prefix, year, issued)), "next_number")
    rows = list(session.scalars(select(NumberSeries).where(NumberSeries.kind == "invoice").with_for_update()))
    for row in rows:
        row.current = False
    for row in rows:
        if row.prefix == prefix and row.year == year:
            row.current, row.next = True, start
            return
    session.add(NumberSeries(kind="invoice", prefix=prefix, year=year, next=start, current=True))


def invoice_series(session: Session, year: int) -> tuple[str, int]:
    """Prefix and next serial of the present invoice series for a year."""
    query = select(NumberSeries).where(NumberSeries.kind == "invoice", NumberSeries.current)
    rows = list(session.scalars(query.order_by(NumberSeries.year.desc())))
    prefix = rows[0].prefix if rows else DEFAULT_PREFIX
    return prefix, next((row.next for row in rows if row.year == year), 1)
