"""Number series: a series for each prefix and year, what became free goes first, and nothing is given out twice."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from unittest import mock
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.message import NOTHING, Refusal
from domain.notes import note
from models import InvoiceNumber, NumberSeries, WorkOrder
from services.invoicing import issued_numbers, numbers, press
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox

ON = date(2031, 5, 4)
NEXT_YEAR = date(2032, 1, 1)


def reserve(on: date = ON) -> str:
    """One number, given out for good."""
    with write_transaction() as session:
        return numbers.reserve_invoice_number(session, on, 1)


def mark(number: str, state: str) -> None:
    """Put it in another state, for a reason."""
    with write_transaction() as session:
        numbers.mark(session, number, state, note("number.taken"), administration=1)


def choose(prefix: str, start: int, year: int = ON.year) -> None:
    """The tenant chooses a series."""
    with write_transaction() as session:
        numbers.set_invoice_series(session, year, prefix, start, 1)


def peek(on: date = ON) -> str:
    """What would be given out next."""
    db.session.rollback()
    return numbers.peek_invoice_number(db.session(), on, 1)


def row_of(number: str) -> InvoiceNumber:
    """An issued number as it stands."""
    db.session.rollback()
    return db.session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == number)).one()


def test_numbers_follow_one_another_within_a_year_and_begin_anew_in_the_next(vos: SimpleNamespace) -> None:
    given = [peek(), reserve(), reserve(), peek(), reserve(NEXT_YEAR), reserve(NEXT_YEAR), reserve()]
    assert given == ["WB2031-0001", "WB2031-0001", "WB2031-0002", "WB2031-0003",
                     "WB2032-0001", "WB2032-0002", "WB2031-0003"]  # fmt: skip
    row = row_of("WB2032-0002")
    assert (row.prefix, row.year, row.serial, row.state, row.reason) == ("WB", 2032, 2, states.HELD, NOTHING)


def test_the_lowest_free_number_of_this_prefix_and_year_is_given_out_first(vos: SimpleNamespace) -> None:
    for number in [reserve(), reserve(), reserve(), reserve(NEXT_YEAR)][1:]:
        mark(number, states.FREE)
    assert row_of("WB2031-0002").reason == note("number.taken")
    assert (peek(), reserve()) == ("WB2031-0002", "WB2031-0002")
    held = row_of("WB2031-0002")
    assert (held.state, held.reason) == (states.HELD, NOTHING)
    choose("F", 7)
    assert [peek(), reserve(), reserve()] == ["F2031-0007", "F2031-0007", "F2031-0008"]
    assert (peek(NEXT_YEAR), reserve(NEXT_YEAR)) == ("F2032-0001", "F2032-0001"), "a new year keeps the prefix"


def test_a_chosen_series_never_begins_at_or_below_a_number_that_was_issued(vos: SimpleNamespace) -> None:
    for _ in range(3):
        reserve()
    for start in (1, 3):
        with pytest.raises(Refusal, match="WB2031-0003") as refused:
            choose("WB", start)
        assert refused.value.field == "next_number"
    choose("WB", 4)
    assert peek() == "WB2031-0004"
    choose("WB", 1, NEXT_YEAR.year)
    choose("F", 1)
    assert reserve() == "F2031-0001"


def test_a_series_that_was_left_goes_on_where_it_is_told_and_is_the_only_present_one(vos: SimpleNamespace) -> None:
    first = reserve()
    choose("F", 10)
    assert numbers.invoice_series(db.session(), ON.year, 1) == ("F", 10)
    choose("WB", 5)
    assert (first, peek()) == ("WB2031-0001", "WB2031-0005")
    assert numbers.invoice_series(db.session(), ON.year, 1) == ("WB", 5)
    assert numbers.invoice_series(db.session(), NEXT_YEAR.year, 1) == ("WB", 1)
    query = select(NumberSeries).where(NumberSeries.kind == "invoice", NumberSeries.year == ON.year)
    rows = {row.prefix: (row.current, row.next) for row in db.session.scalars(query)}
    assert rows == {"WB": (True, 5), "F": (False, 10)}


def test_without_any_series_the_first_number_has_the_usual_prefix(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        for row in session.scalars(select(NumberSeries)):
            session.delete(row)
    assert numbers.invoice_series(db.session(), ON.year, 1) == ("WB", 1)
    assert peek() == "WB2031-0001"
    with write_transaction() as session:
        assert [numbers.next_order_number(session, ON) for _ in range(2)] == ["2031-0001", "2031-0002"]
        assert numbers.next_order_number(session, NEXT_YEAR) == "2032-0001"
    assert reserve() == "WB2031-0001"


def test_the_list_of_issued_numbers_names_the_order_that_carries_each_now(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    press.give_up(vos.actor, vos.order_id, "dubbel")
    heirs = [make_order(vos.actor, vos.relation_id) for _ in range(2)]
    for order_id in heirs:
        press.approve(vos.deps, vos.actor, order_id)
    carried = [(heirs[0], order_number(heirs[0])), (heirs[1], order_number(heirs[1]))]
    assert [(one.order_id, one.order_number) for one in issued_numbers.all_()] == carried
    with mock.patch.object(issued_numbers, "AT_ONCE", 1):
        assert [(one.order_id, one.order_number) for one in issued_numbers.all_()] == carried, "one after another"
    newest = issued_numbers.list_()
    assert [(one.order_id, one.order_number) for one in newest.rows] == carried[::-1]
    assert issued_numbers.list_(state=states.NUMBER_POSTED).rows == newest.rows
    last = row_of(newest.rows[0].number)
    assert [one.order_id for one in issued_numbers.list_(after=str(last.id)).rows] == [heirs[0]]
    reserve()
    assert [(one.order_id, one.order_number) for one in issued_numbers.list_(state=states.HELD).rows] == [(None, "")]


def order_number(order_id: UUID) -> str:
    """What an order is called."""
    return db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one().number
