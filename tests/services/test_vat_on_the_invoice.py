"""Invoices without Dutch VAT: what the law asks of their customer holds, and its words stand in the books."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.invoice import differences
from models import Company, InvoiceNumber, WorkOrder
from services.catalogue import relations
from services.invoicing import posting, press
from services.orders import work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_customer_of_an_invoice import CODE, change_there, row_of
from tests.support.cast import line, make_order
from tests.support.sandbox_process import Sandbox

COLD = pytest.mark.times(customer_seen=timedelta(0))
BUILDER, GERMAN = "NL004495445B01", "DE136695976"


def order_for(vos: SimpleNamespace, sandbox: Sandbox, *codes: str, **there: Any) -> UUID:
    """An order with a line of each VAT code, for a customer who stands in the books like this."""
    change_there(sandbox, CODE, **there)
    relations.sync(vos.deps, vos.actor)
    return make_order(vos.actor, row_of(CODE).id, lines=tuple(line(vat_code=code) for code in codes))


def lines_there(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The lines of the one invoice in the books: their VAT code, and what each says."""
    (invoice,) = sandbox.invoices("demo")
    return [(row["BTWCode"], row["Omschrijving"]) for row in invoice["Regels"]]


@pytest.mark.parametrize(
    ("codes", "number", "theirs", "said"),
    [
        (("reverse_high", "reverse_low"), BUILDER, ("VERL_VERK", "VERL_VERK_L9", "VERL_VERK"),
         f"Btw verlegd naar afnemer, btw-id {BUILDER}"),
        (("eu_services",), GERMAN, ("BI_EU_VERK_D",) * 2, f"Btw verlegd naar afnemer, btw-id {GERMAN}"),
        (("eu_goods",), GERMAN, ("BI_EU_VERK",) * 2, f"Intracommunautaire levering, btw 0%, btw-id afnemer {GERMAN}"),
        (("export",), "", ("BU_EU_VERK",) * 2, "Uitvoer buiten de EU, btw 0%"),
    ],
)  # fmt: skip
def test_it_stands_in_the_books_without_vat_and_with_the_words_of_the_law(
    vos: SimpleNamespace, sandbox: Sandbox, codes: tuple[str, ...], number: str, theirs: tuple[str, ...], said: str
) -> None:
    order_id = order_for(vos, sandbox, *codes, BP="B", BTWNummer=number, Land="")
    yes = [f"dwelling:{row_of(CODE).id}"]  # work at the low rate is asked about, reversed or not
    pressed = press.approve(vos.deps, vos.actor, order_id, yes=yes)
    assert pressed.state == states.POSTED
    found = lines_there(sandbox)
    assert tuple(code for code, _text in found) == theirs
    assert found[-1][1] == said
    row = press.present_posting(order_id)
    assert row is not None
    assert (row.vat, row.incl) == (0, row.excl)
    there = posting.theirs(vos.deps, vos.actor, row.id)
    assert there is not None
    assert differences(posting.thawed(vos.deps, row), there) == ()


@pytest.mark.parametrize(
    ("code", "there", "key"),
    [
        ("reverse_high", {"BP": "P", "BTWNummer": BUILDER}, "blocked.vat_private"),
        ("reverse_low", {"BP": "B", "BTWNummer": ""}, "blocked.vat_no_number"),
        ("reverse_high", {"BP": "B", "BTWNummer": "NL123"}, "blocked.vat_wrong_number"),
        ("reverse_high", {"BP": "B", "BTWNummer": GERMAN}, "blocked.vat_not_dutch"),
        ("eu_goods", {"BP": "B", "BTWNummer": BUILDER}, "blocked.vat_not_of_eu"),
    ],
)
def test_a_customer_of_whom_the_law_asks_more_keeps_it_back_and_nothing_is_written(
    vos: SimpleNamespace, sandbox: Sandbox, code: str, there: dict[str, str], key: str
) -> None:
    order_id = order_for(vos, sandbox, "high", code, **there)
    with pytest.raises(press.Blocked) as caught:
        press.approve(vos.deps, vos.actor, order_id)
    assert [blocker.what.key for blocker in caught.value.blockers] == [key]
    db.session.rollback()
    assert db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one().state == "done"
    assert db.session.scalars(select(InvoiceNumber)).all() == []
    assert sandbox.invoices("demo") == []


@COLD
def test_the_invoice_names_the_number_that_the_customer_has_by_the_time_of_the_press(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    order_id = order_for(vos, sandbox, "reverse_high", BP="B", BTWNummer=BUILDER)
    change_there(sandbox, CODE, BTWNummer="NL002230884B01")
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
    assert lines_there(sandbox)[-1][1] == "Btw verlegd naar afnemer, btw-id NL002230884B01"


@COLD
def test_a_number_that_is_gone_by_the_time_of_the_press_keeps_it_back(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    order_id = order_for(vos, sandbox, "reverse_high", BP="B", BTWNummer=BUILDER)
    change_there(sandbox, CODE, BTWNummer="")
    with pytest.raises(press.Blocked) as caught:
        press.approve(vos.deps, vos.actor, order_id)
    assert [blocker.what.key for blocker in caught.value.blockers] == ["blocked.vat_no_number"]
    assert sandbox.invoices("demo") == []


@pytest.mark.parametrize(
    ("customer", "order", "theirs"),
    [
        ("reversed", "", ["VERL_VERK", "VERL_VERK_L9", "VERL_VERK"]),
        ("reversed", "domestic", ["HOOG_VERK_21", "LAAG_VERK_9"]),
        ("", "reversed", ["VERL_VERK", "VERL_VERK_L9", "VERL_VERK"]),
        ("exempt", "", ["GEEN", "GEEN", "GEEN"]),
    ],
)
def test_the_regime_of_the_order_or_its_customer_makes_the_codes_of_the_invoice(
    vos: SimpleNamespace, sandbox: Sandbox, customer: str, order: str, theirs: list[str]
) -> None:
    change_there(sandbox, CODE, BP="B", BTWNummer=BUILDER)
    relations.sync(vos.deps, vos.actor)
    relation_id = row_of(CODE).id
    relations.save_own(vos.actor, relation_id, relations.Own(vat_regime=customer))
    relations.sync(vos.deps, vos.actor)  # what we keep ourselves stays
    lines = (line(vat_code="high"), line(kind="material", vat_code="low"))
    order_id = make_order(vos.actor, relation_id, lines=lines, vat_regime=order)
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
    assert [code for code, _text in lines_there(sandbox)] == theirs
    row = press.present_posting(order_id)
    assert row is not None
    assert (row.vat == 0) is ("HOOG_VERK_21" not in theirs)
    assert posting.thawed(vos.deps, row).totals.vat == row.vat


def test_a_small_business_sends_no_vat_and_names_the_scheme(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        session.scalars(select(Company)).one().small_since = date(2026, 11, 18)
    for day, theirs in ((date(2026, 11, 17), ["HOOG_VERK_21"]), (date(2026, 11, 18), ["GEEN", "GEEN"])):
        sandbox_before = len(sandbox.invoices("demo"))
        order_id = make_order(vos.actor, vos.relation_id, lines=(line(vat_code="high"),), executed_on=day)
        assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
        invoice = sandbox.invoices("demo")[sandbox_before:][0]
        assert [row["BTWCode"] for row in invoice["Regels"]] == theirs
    assert "kleineondernemersregeling" in invoice["Regels"][-1]["Omschrijving"]
    nothing_said = make_order(vos.actor, vos.relation_id, lines=(line(vat_code=""),))
    assert press.approve(vos.deps, vos.actor, nothing_said).state == states.POSTED, "nobody is asked for a rate"


def test_what_was_invoiced_stays_as_it_was_whatever_the_customer_has_later(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    order_id = order_for(vos, sandbox, "high", BP="B", BTWNummer=BUILDER)
    customer = row_of(CODE).id
    relations.save_own(vos.actor, customer, relations.Own(vat_regime="reversed"))
    assert shown(vos, order_id) == ("reverse_high", 0)
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
    relations.save_own(vos.actor, customer, relations.Own(vat_regime=""))
    assert shown(vos, order_id) == ("reverse_high", 0)


def test_so_does_what_may_have_arrived(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    order_id = order_for(vos, sandbox, "high", BP="B", BTWNummer=BUILDER)
    sandbox.mischief("demo", [{"kind": "lost_answer", "operation": "AddFactuur", "times": 1}])
    assert press.approve(vos.deps, vos.actor, order_id).state == states.UNCERTAIN
    sent = shown(vos, order_id)
    assert sent[0] == "high"
    relations.save_own(vos.actor, row_of(CODE).id, relations.Own(vat_regime="reversed"))
    assert shown(vos, order_id) == sent


def test_an_order_that_was_refused_goes_out_again_by_what_holds_then(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    order_id = order_for(vos, sandbox, "high", BP="B", BTWNummer=BUILDER)
    rule = {"kind": "refuse", "operation": "AddFactuur", "code": "CFACT028", "text": "x", "times": 1}
    sandbox.mischief("demo", [rule])
    assert press.approve(vos.deps, vos.actor, order_id).state == states.REFUSED
    relations.save_own(vos.actor, row_of(CODE).id, relations.Own(vat_regime="reversed"))
    assert shown(vos, order_id) == ("reverse_high", 0)
    assert press.send(vos.deps, vos.actor, order_id).state == states.POSTED
    assert [code for code, _text in lines_there(sandbox)] == ["VERL_VERK", "VERL_VERK"]


def shown(vos: SimpleNamespace, order_id: UUID) -> tuple[str, Decimal]:
    """The VAT code of its first line on its page, and its VAT."""
    db.session.rollback()
    order = work_orders.get(vos.actor, order_id)
    assert order is not None
    return order.shown_as(order.lines[0]), order.shown_totals.vat
