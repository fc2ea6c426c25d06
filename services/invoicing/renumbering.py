"""Another number for an invoice that goes out again: of its own year, or because this one is used over there.

Every number that an invoice gets after its first is taken here.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import posting as states
from domain.invoice import thaw
from domain.message import Message
from domain.notes import note
from domain.numbering import of_series, year_of
from domain.permissions import Actor
from models import Connection, InvoicePosting
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.invoicing import numbers
from tenancy.clock import today
from tenancy.database import db


def for_sending_again(
    session: Session, deps: Dependencies, actor: Actor | str, row: InvoicePosting, now_on: date
) -> tuple[str, date]:
    """Number and date under which the invoice of a locked posting goes out again. Its number is let go when it is of
    another year than the date; inside the caller's write transaction."""
    on = _date(deps, row, now_on)
    if _keeps(row, on):
        return row.number, on
    number = numbers.reserve_invoice_number(session, on, row.administration)
    why = note("number.other_year", year=str(on.year), number=number)
    numbers.mark(session, row.number, states.FREE, why, administration=row.administration)
    data = {"number": row.number, "year": str(year_of(row.number)), "next": number}
    record(session, actor, "invoice.number_let_go", "posting", row.id, row.number, **data)
    return number, on


def would_be(session: Session, deps: Dependencies, row: InvoicePosting, now_on: date) -> tuple[str, date]:
    """What `for_sending_again` would give; nothing is reserved or written."""
    on = _date(deps, row, now_on)
    return (row.number if _keeps(row, on) else numbers.peek_invoice_number(session, on, row.administration)), on


def instead(deps: Dependencies, row: InvoicePosting, chosen: date | None = None) -> str:
    """The number that an invoice gets instead of its own when it goes out again, dated today or as was `chosen`; empty
    when it keeps that."""
    session = db.session()
    on = chosen or today(session)
    here = session.scalars(select(Connection.administration_number)).one()
    if not states.belongs_in(row.administration, here):
        return numbers.peek_invoice_number(session, on, here)
    number, _on = would_be(session, deps, row, on)
    return "" if number == row.number else number


def shown_after_giving_up(row: InvoicePosting) -> str:
    """How its number would be shown once the posting was given up: a key of domain.posting.NUMBER_LOOKS."""
    session = db.session()
    left, year = states.number_after_giving_up(row.state, row.attempted_uncertain), today(session).year
    prefix, _following = numbers.invoice_series(session, year, row.administration)
    return states.number_shown(left, *of_series(row.number, prefix, year))


def instead_of_taken(session: Session, actor: Actor | str, row: InvoicePosting, on: date, taken: Message) -> str:
    """The number after one that is in use over there, for a locked posting; inside the caller's write transaction.
    The date stays, and so the year: what was sent under the taken number is not known to be nowhere else."""
    number = numbers.reserve_invoice_number(session, on, row.administration)
    numbers.mark(session, row.number, states.TAKEN, taken, administration=row.administration)
    record(session, actor, "invoice.number_taken", "posting", row.id, row.number, number=row.number, next=number)
    return number


def _date(deps: Dependencies, row: InvoicePosting, now_on: date) -> date:
    if states.may_redate(row.state, row.attempted_uncertain):
        return now_on
    return thaw(row.payload, row.payload_version, deps.bookkeeping.our_vat).on


def _keeps(row: InvoicePosting, on: date) -> bool:
    return states.keeps_number(row.state, row.attempted_uncertain, year_of(row.number) in {0, on.year})
