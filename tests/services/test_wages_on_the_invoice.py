"""The wage part and the blocked account: on the invoice in the books, and kept back while something is missing."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import posting as states
from domain import preflight
from domain.invoice import differences
from domain.message import Refusal
from models import Company
from services.catalogue import relations
from services.company import details
from services.invoicing import posting, press, unknown
from services.link import connection
from services.orders import work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_customer_of_an_invoice import CODE, change_there, row_of
from tests.services.test_vat_on_the_invoice import BUILDER, lines_there
from tests.support.cast import line, make_order
from tests.support.sandbox_process import Sandbox

ACCOUNT = "NL91ABNA0417164300"
WAGES = "Loonbestanddeel € 75,00 (60% van € 125,00 arbeid)"
PAY = "Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 30,00 (40% van het loonbestanddeel)"


def contractor(vos: SimpleNamespace, sandbox: Sandbox, wages: str = "60", on_account: str = "40") -> UUID:
    """The customer, who has VAT reversed to it and pays a part on our blocked account."""
    change_there(sandbox, CODE, BP="B", BTWNummer=BUILDER)
    relations.sync(vos.deps, vos.actor)
    relation_id: UUID = row_of(CODE).id
    agreed = {"wage_percent": wages, "g_percent": on_account}
    parts = {name: Decimal(text) if text else None for name, text in agreed.items()}
    relations.save_own(vos.actor, relation_id, relations.Own(vat_regime="reversed", **parts))  # type: ignore[arg-type]
    return relation_id


def account_is(number: str) -> None:
    """This is the company's blocked account."""
    with write_transaction() as session:
        session.scalars(select(Company)).one().g_account = number


def test_it_stands_in_the_books_below_what_is_billed(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    customer = contractor(vos, sandbox)
    account_is(ACCOUNT)
    lines = (line(vat_code="high"), line(vat_code="low", kind="article", code="40118", description="Buis"))
    order_id = make_order(vos.actor, customer, lines=lines)
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
    found = lines_there(sandbox)
    assert [code for code, _text in found] == ["VERL_VERK", "VERL_VERK_L9", "VERL_VERK", "VERL_VERK", "VERL_VERK"]
    assert [text for _code, text in found[3:]] == [WAGES, PAY]
    row = press.present_posting(order_id)
    assert row is not None
    assert (row.excl, row.vat) == (Decimal(250), 0)
    there = posting.theirs(vos.deps, vos.actor, row.id)
    assert there is not None
    assert differences(posting.thawed(vos.deps, row), there) == ()
    # what went along stays what is told of it, whatever is agreed later
    relations.save_own(vos.actor, customer, relations.Own())
    assert posting.said_of_wages(vos.deps, row) == (WAGES, PAY)


def test_the_order_says_otherwise_for_itself_or_that_there_are_none(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    customer = contractor(vos, sandbox)
    account_is(ACCOUNT)
    for said, told in (("100.10", ["Loonbestanddeel € 100,10", PAY.replace("30,00", "40,04")]), ("0", [])):
        order_id = make_order(vos.actor, customer, wage_part=Decimal(said))
        assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
        texts = [row["Omschrijving"] for row in sandbox.invoices("demo")[-1]["Regels"]]
        assert texts[2:] == told


@pytest.mark.parametrize(
    ("wages", "account", "said", "key"),
    [
        ("60", "", None, "blocked.g_account"),
        ("", ACCOUNT, None, "blocked.wage_part"),
        ("60", ACCOUNT, "125.01", "blocked.wage_part_too_much"),
    ],
)
def test_what_is_missing_keeps_it_back_and_nothing_is_sent(
    vos: SimpleNamespace, sandbox: Sandbox, wages: str, account: str, said: str | None, key: str
) -> None:
    customer = contractor(vos, sandbox, wages)
    account_is(account)
    order_id = make_order(vos.actor, customer, wage_part=Decimal(said) if said else None)
    with pytest.raises(press.Blocked) as caught:
        press.approve(vos.deps, vos.actor, order_id)
    assert [blocker.what.key for blocker in caught.value.blockers] == [key]
    assert sandbox.invoices("demo") == []


def test_an_order_of_an_older_copy_is_recognised_by_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    customer = contractor(vos, sandbox)
    account_is(ACCOUNT)
    order_id = make_order(vos.actor, customer)
    link, order = connection.present(), work_orders.get(vos.actor, order_id)
    assert order is not None
    found = unknown.orders_by_number(db.session(), vos.deps, link, {order.number})
    ours = found[order.number][1].ours
    assert ours is not None
    assert [one.description for one in preflight.draft(ours, "", ours.today).lines[2:]] == [WAGES, PAY]


def test_what_was_agreed_is_checked(vos: SimpleNamespace) -> None:
    for wrong in ({"wage_percent": Decimal(0)}, {"g_percent": Decimal(101)}):
        with pytest.raises(Refusal) as caught:
            relations.save_own(vos.actor, vos.relation_id, relations.Own(**wrong))  # type: ignore[arg-type]
        assert {caught.value.field} == set(wrong)


@pytest.mark.parametrize("typed", ["NL91ABNA0417164301", "NL20INGB0001234567", "nonsense"])
def test_an_account_that_cannot_be_is_refused_at_its_own_field(vos: SimpleNamespace, typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        details.save(vos.actor, details.CompanyInput("Vos", iban="NL20INGB0001234567", g_account=typed))
    assert caught.value.field == "g_account"
    assert details.save(vos.actor, details.CompanyInput("Vos", g_account="nl91 abna 0417 1643 00"))
    assert details.present().g_account == ACCOUNT
