"""Number series: work orders and invoices. Every invoice number ever issued is in exactly one state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count

from sqlalchemy import Select, exists, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.administration import FIRST
from domain.message import N_, NOTHING, Message, Refusal, msg
from domain.numbering import taken_apart, written
from domain.posting import FREE, HELD, TAKEN
from models import InvoiceNumber, NumberSeries
from tenancy.clock import database_now

DEFAULT_PREFIX = "WB"


def _series(session: Session, kind: str, year: int, administration: int = FIRST) -> NumberSeries:
    """The present series of a kind for a year, row locked; made when the year is new."""
    rows = _locked_series(session, kind, administration)
    for row in rows:
        if row.year == year:
            return row
    prefix, following = _continued(session, rows, year, administration) if kind == "invoice" else ("", 1)
    made = NumberSeries(
        administration=administration, kind=kind, prefix=prefix, year=year, next=following, current=True
    )
    try:
        with session.begin_nested():
            session.add(made)
        return made
    except IntegrityError:
        # Somebody else made it a moment ago: there was no row yet to wait for.
        return next(row for row in _locked_series(session, kind, administration) if row.year == year)


def _locked_series(session: Session, kind: str, administration: int = FIRST) -> list[NumberSeries]:
    query = select(NumberSeries).where(
        NumberSeries.kind == kind, NumberSeries.current, NumberSeries.administration == administration
    )
    query = query.order_by(NumberSeries.year.desc()).with_for_update().execution_options(populate_existing=True)
    return list(session.scalars(query))


def _present_series(session: Session, administration: int) -> Sequence[NumberSeries]:
    """The present invoice series of an administration, the newest year first."""
    query = select(NumberSeries).where(
        NumberSeries.kind == "invoice", NumberSeries.current, NumberSeries.administration == administration
    )
    return session.scalars(query.order_by(NumberSeries.year.desc())).all()


def _continued(session: Session, mine: Sequence[NumberSeries], year: int, administration: int) -> tuple[str, int]:
    """Prefix and next serial of a series that does not exist yet. In an administration that has none at all it goes on
    where the one before it was, so that a company never has two invoices of one number unless somebody chose so."""
    rows, before = mine, administration
    while not rows and before > FIRST:
        before -= 1
        rows = _present_series(session, before)
    prefix = rows[0].prefix if rows else DEFAULT_PREFIX
    return prefix, 1 if mine else next((row.next for row in rows if row.year == year), 1)


def next_order_number(session: Session, on: date) -> str:
    """A number for a new work order. Call inside a write transaction."""
    series = _series(session, "work_order", on.year)
    number = written(series.prefix, series.year, series.next)
    series.next += 1
    return number


def peek_invoice_number(session: Session, on: date, administration: int) -> str:
    """The invoice number that would be given out next; nothing is reserved or written."""
    prefix, serial = invoice_series(session, on.year, administration)
    free = _free(session, prefix, on.year, administration)
    return free.number if free is not None else written(prefix, on.year, serial)


def _free(session: Session, prefix: str, year: int, administration: int) -> InvoiceNumber | None:
    return session.scalars(_free_ones(prefix, year, administration).limit(1)).first()


def _free_ones(prefix: str, year: int, administration: int) -> Select[InvoiceNumber]:
    return (
        select(InvoiceNumber)
        .where(InvoiceNumber.state == FREE, InvoiceNumber.prefix == prefix, InvoiceNumber.year == year)
        .where(InvoiceNumber.administration == administration)
        .order_by(InvoiceNumber.id)  # as they were issued: the lowest serial first, and the index of states ends in it
    )


def reserve_invoice_number(session: Session, on: date, administration: int) -> str:
    """Hold an invoice number: a free one of this prefix and year first, else the next. Inside a write transaction."""
    now = database_now(session)
    counted, row = _count_on(session, on.year, administration), None
    if counted is None:
        series = _series(session, "invoice", on.year, administration)
        row = _free(session, series.prefix, series.year, administration)
        if row is None:
            _pass_over_used(session, series)
            counted = series.prefix, series.next
            series.next += 1
            session.flush()
    if counted is not None:
        prefix, serial = counted
        number = written(prefix, on.year, serial)
        row = InvoiceNumber(administration=administration, number=number, prefix=prefix, year=on.year, serial=serial)
        session.add(row)
    assert row is not None
    row.state, row.reason, row.changed_at = HELD, NOTHING, now
    return row.number


def following(session: Session, on: date, administration: int) -> str:
    """Hold the number that the series gives out next, and no free one of before. Inside a write transaction."""
    series = _series(session, "invoice", on.year, administration)
    _pass_over_used(session, series)
    serial, series.next = series.next, series.next + 1
    number = written(series.prefix, series.year, serial)
    row = InvoiceNumber(
        administration=administration, number=number, prefix=series.prefix, year=series.year, serial=serial
    )
    row.state, row.reason, row.changed_at = HELD, NOTHING, database_now(session)
    session.add(row)
    session.flush()
    return number


def _count_on(session: Session, year: int, administration: int) -> tuple[str, int] | None:
    """Lock the present invoice series of a year and count it on: its prefix and the serial that it gave out. None when
    the year is new, while there is a free number, and when the next one is known to be used over there."""
    of_series = (
        InvoiceNumber.tenant_id == NumberSeries.tenant_id,
        InvoiceNumber.administration == NumberSeries.administration,
        InvoiceNumber.prefix == NumberSeries.prefix,
        InvoiceNumber.year == NumberSeries.year,
    )
    # said as the partial index says it, or no database uses that
    free = exists().where(*of_series, InvoiceNumber.state == literal(FREE, literal_execute=True))
    used = exists().where(*of_series, InvoiceNumber.serial == NumberSeries.next)
    query = update(NumberSeries).where(NumberSeries.kind == "invoice", NumberSeries.current, NumberSeries.year == year)
    query = query.where(NumberSeries.administration == administration)
    query = (
        query.where(~free, ~used).values(next=NumberSeries.next + 1).returning(NumberSeries.prefix, NumberSeries.next)
    )
    counted = session.execute(query.execution_options(synchronize_session=False)).one_or_none()
    return (counted[0], counted[1] - 1) if counted else None


def _pass_over_used(session: Session, series: NumberSeries) -> None:
    """Count a locked series on to a serial that no number has: some were found over there before their turn came."""
    used = _used(session, series.administration, series.prefix, series.year, series.next)
    while series.next in used:
        series.next += 1


def _used(session: Session, administration: int, prefix: str, year: int, first: int) -> set[int]:
    """The serials from this one on that a number has."""
    query = select(InvoiceNumber.serial).where(
        InvoiceNumber.administration == administration,
        InvoiceNumber.prefix == prefix,
        InvoiceNumber.year == year,
        InvoiceNumber.serial >= first,
    )
    return set(session.scalars(query))


def coming(session: Session, year: int, administration: int) -> tuple[list[str], Iterator[str]]:
    """The numbers of a year that would be given out next: those that are free, lowest first, and then without an end
    those that nothing here has. All that is asked of the database is asked at once."""
    prefix, first = invoice_series(session, year, administration)
    free = session.scalars(_free_ones(prefix, year, administration)).all()
    used = _used(session, administration, prefix, year, first)
    return [row.number for row in free], (written(prefix, year, n) for n in count(first) if n not in used)


def found_there(
    session: Session, number: str, parts: tuple[str, int, int], state: str, reason: Message, administration: int
) -> None:
    """Put a number of a series of ours, which turned out to be used in that administration, in this state, whether it
    was ever given out here or not. `parts`: its prefix, year and serial. When its turn comes the series passes it
    over."""
    of_it = InvoiceNumber.administration == administration, InvoiceNumber.number == number
    row = session.scalars(select(InvoiceNumber).where(*of_it)).one_or_none()
    if row is None:
        prefix, year, serial = parts
        row = InvoiceNumber(administration=administration, number=number, prefix=prefix, year=year, serial=serial)
    row.state, row.reason, row.changed_at = state, reason, database_now(session)
    session.add(row)
    session.flush()


def taken_there(session: Session, reasons: Mapping[str, Message], administration: int) -> None:
    """Put numbers of our series that nobody gave out yet in the state taken in that administration, each for its
    reason."""
    mine = InvoiceNumber.administration == administration, InvoiceNumber.number.in_(reasons)
    known = session.scalars(select(InvoiceNumber.number).where(*mine)).all() if reasons else ()
    now = database_now(session)
    for number in sorted(reasons.keys() - set(known), key=taken_apart):
        year, serial = taken_apart(number)
        prefix = number.removesuffix(written("", year, serial))
        row = InvoiceNumber(administration=administration, number=number, prefix=prefix, year=year, serial=serial)
        row.state, row.reason, row.changed_at = TAKEN, reasons[number], now
        session.add(row)
    session.flush()


def mark(
    session: Session,
    number: str,
    state: str,
    reason: Message = NOTHING,
    *,
    administration: int,
) -> None:
    """Put a number that was issued for an administration in another state."""
    # the whole key, or the database looks at every number of the tenant
    query = update(InvoiceNumber).where(InvoiceNumber.administration == administration, InvoiceNumber.number == number)
    values = {"state": state, "reason": reason, "changed_at": database_now(session)}
    if session.execute(query.values(values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LookupError(number)


def set_invoice_series(session: Session, year: int, prefix: str, start: int, administration: int) -> None:
    """Choose prefix and next serial for a year. Raises Refusal when that number (or a later one) was issued before."""
    issued = session.scalar(
        select(InvoiceNumber.serial)
        .where(InvoiceNumber.prefix == prefix, InvoiceNumber.year == year, InvoiceNumber.serial >= start)
        .where(InvoiceNumber.administration == administration)
        .order_by(InvoiceNumber.serial.desc())
        .limit(1)
    )
    if issued is not None:
        text = N_("Nummer %(number)s is al uitgegeven; kies een hoger volgend nummer.")
        raise Refusal(msg(text, number=written(prefix, year, issued)), "next_number")
    mine = NumberSeries.kind == "invoice", NumberSeries.administration == administration
    rows = list(session.scalars(select(NumberSeries).where(*mine).with_for_update()))
    for row in rows:
        row.current = False
    for row in rows:
        if row.prefix == prefix and row.year == year:
            row.current, row.next = True, start
            return
    made = NumberSeries(
        administration=administration, kind="invoice", prefix=prefix, year=year, next=start, current=True
    )
    session.add(made)


def invoice_series(session: Session, year: int, administration: int) -> tuple[str, int]:
    """Prefix and next serial of the present invoice series of an administration for a year."""
    rows = _present_series(session, administration)
    present = next((row for row in rows if row.year == year), None)
    return (present.prefix, present.next) if present else _continued(session, rows, year, administration)
