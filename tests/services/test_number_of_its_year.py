"""A number belongs to the year of its invoice's date, also when the invoice goes out again after New Year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.message import Message
from domain.notes import note
from models import InvoiceNumber, InvoicePosting, WorkOrder
from services.invoicing import bulk, conflicts, issued_numbers, preflight, press, recovery, renumbering
from services.invoicing.claims import live_posting
from services.orders import work_orders
from tenancy.clock import today
from tenancy.database import db
from tests.support.sandbox_process import Sandbox

Leap = Callable[[timedelta], None]
REFUSE = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT028", "text": "x"}
UNHEARD = {"operation": "AddFactuur", "kind": "lost_answer"}
TAKEN = {"operation": "AddFactuur", "kind": "number_taken"}


def next_year(leap: Leap) -> int:
    """It is the second of January at once. The year that it is then."""
    db.session.rollback()
    now = today(db.session())
    leap(now.replace(year=now.year + 1, month=1, day=2) - now)
    db.session.rollback()
    return now.year + 1


def live(vos: SimpleNamespace) -> InvoicePosting:
    """The order's posting as it stands."""
    db.session.rollback()
    row = live_posting(db.session(), vos.order_id)
    assert row is not None
    return row


def order_of(vos: SimpleNamespace) -> WorkOrder:
    """The order as it stands."""
    db.session.rollback()
    found = work_orders.get(vos.actor, vos.order_id)
    assert found is not None
    return found


def number(which: str) -> tuple[str, Message]:
    """State and reason of an issued number."""
    db.session.rollback()
    row = db.session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == which)).one()
    return row.state, row.reason


def in_the_books(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Number and year of the date of each invoice over there."""
    return [(one["Factuurnummer"], one["Datum"][:4]) for one in sandbox.invoices("demo")]


def refused(vos: SimpleNamespace, sandbox: Sandbox) -> str:
    """The invoice is refused this year. Its number."""
    sandbox.mischief("demo", [REFUSE])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.REFUSED
    return str(live(vos).number)


def test_after_a_certain_no_it_goes_out_under_a_number_of_the_new_year(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap
) -> None:
    old = refused(vos, sandbox)
    year = next_year(leap)
    new = f"WB{year}-0001"
    assert preflight.preview(vos.deps, order_of(vos), live(vos)).number == new, "the screen says so before"
    assert renumbering.instead(vos.deps, live(vos)) == new
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert in_the_books(sandbox) == [(new, str(year))]
    assert number(new)[0] == states.NUMBER_POSTED
    assert number(old) == (states.FREE, note("number.other_year", year=str(year), number=new))
    (shown,) = [one for one in issued_numbers.all_() if one.number == old]
    assert shown.state == states.EMPTY, "nobody promises that it will be filled"


def test_bulk_sends_again_by_the_same_rule(vos: SimpleNamespace, sandbox: Sandbox, leap: Leap) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "E003.3", "text": "x"}])
    job = bulk.start(vos.deps, vos.actor, [(vos.order_id, order_of(vos).version)])
    bulk.carry_out(vos.deps, vos.actor, job)
    assert live(vos).state == states.NOT_SENT, "kept back by their limit, it waits for its turn again"
    year = next_year(leap)
    bulk.carry_out(vos.deps, vos.actor, job)
    assert in_the_books(sandbox) == [(f"WB{year}-0001", str(year))]


def test_what_may_have_arrived_keeps_number_date_and_bytes(vos: SimpleNamespace, sandbox: Sandbox, leap: Leap) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN
    row = live(vos)
    old, payload, posting_id, year = row.number, row.payload, row.id, today(db.session()).year
    next_year(leap)
    sandbox.mischief("demo", [REFUSE])
    assert recovery.check(vos.deps, vos.actor, posting_id) == states.REFUSED
    assert renumbering.instead(vos.deps, live(vos)) == ""
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert in_the_books(sandbox) == [(old, str(year))]
    assert live(vos).payload == payload


def test_another_invoice_under_the_number_leads_to_the_next_of_the_same_year(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap
) -> None:
    sandbox.mischief("demo", [{**TAKEN, "times": 1}, {"operation": "GetFacturen", "kind": "lost_answer", "times": 1}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.CONFLICT
    year = today(db.session()).year
    next_year(leap)
    assert conflicts.take_next_number(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert (live(vos).number, str(year)) in in_the_books(sandbox), "the date stays, and with it the year"
    assert live(vos).number.startswith(f"WB{year}-")


@pytest.mark.parametrize("given_up", ["now", "next year"])
def test_giving_up_says_what_becomes_of_the_number(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap, given_up: str
) -> None:
    old = refused(vos, sandbox)
    if given_up == "next year":
        next_year(leap)
    shown = renumbering.shown_after_giving_up(live(vos))
    assert shown == (states.FREE if given_up == "now" else states.EMPTY)
    press.give_up(vos.actor, vos.order_id, "niet nodig")
    assert [one.state for one in issued_numbers.all_() if one.number == old] == [shown]
