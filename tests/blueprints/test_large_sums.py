"""Amounts that are too large are told beside what makes them so; what fits adds up, on screens and in the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, MetaData, Table, create_engine, func, insert, select

from gateways.eboekhouden.mapping import amount
from models import Article, InvoicePosting, WorkOrderLine
from services.orders import attention, listing
from services.transaction import write_transaction
from tenancy.database import Money, db, in_cents
from tests.blueprints.test_total_that_is_asked_about import settings_form
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.support.cast import line, make_order, process
from tests.support.sandbox_process import Sandbox

LARGE = Decimal("9999999999.99")


def beside(page: str, field: str) -> str:
    """What stands beside a field."""
    return page.partition(f'id="{field}-error"')[2].partition("</p>")[0]


@pytest.mark.parametrize(("quantity", "price"), [("99999999", "99999999"), ("100000", "-100000"), ("-99999", "999999")])
def test_a_product_that_is_too_large_is_told_beside_the_quantity(client_as: Any, quantity: str, price: str) -> None:
    before = len(listing.list_(process("vos"), listing.Filter()).rows)
    form = typed(**{"lines-0-quantity": quantity, "lines-0-price": price})
    answer = client_as("planner").post(LIST, data=form)
    assert answer.status_code == 422
    assert "een regel komt op hoogstens €\u00a09.999.999.999,99" in beside(answer.text, "lines-0-quantity")
    assert f'value="{quantity}"' in answer.text
    assert f'value="{price}"' in answer.text
    assert len(listing.list_(process("vos"), listing.Filter()).rows) == before


def test_lines_that_fit_and_do_not_together_are_told_above_the_form(client_as: Any) -> None:
    one = {"kind": "hours", "description": "Werk", "quantity": "99", "price": "99999999"}
    two = {f"lines-{n}-{name}": text for n in (0, 1) for name, text in one.items()}
    answer = client_as("planner").post(LIST, data=typed(**two))
    assert answer.status_code == 422
    assert "Het totaal van de regels is te groot" in answer.text


def test_a_mechanics_report_adds_no_more_lines_than_there_may_be(client_as: Any, vos: Any) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=(line(),) * 99, worker_id=vos.worker_id)
    row = {"lines-0-kind": "material", "lines-0-description": "Schroef", "lines-0-quantity": "1"}
    more = row | {name.replace("-0-", "-1-"): text for name, text in row.items()}
    address = f"{LIST}{order_id}/report"
    refused = client_as("worker").post(address, data={"work_done": "Klaar"} | more)
    assert (refused.status_code, "hoogstens 100 regels" in refused.text) == (422, True)
    assert 'value="Schroef"' in refused.text
    assert client_as("worker").post(address, data={"work_done": "Klaar"} | row).status_code == 303
    assert len(order_of(order_id).lines) == 100


def test_a_report_that_makes_a_line_too_large_says_so_beside_the_quantity(client_as: Any, vos: Any) -> None:
    form = {"work_done": "x", "lines-0-kind": "material", "lines-0-article": "40118", "lines-0-quantity": "99999999"}
    order_id = make_order(vos.actor, vos.relation_id, worker_id=vos.worker_id)
    page = client_as("worker").post(f"{LIST}{order_id}/report", data=form)
    assert page.status_code == 303  # 68,40 each still fits
    assert order_of(order_id).total_excl == Decimal("6839999931.60") + 125
    again = client_as("worker").post(f"{LIST}{order_id}/report", data=form)
    assert (again.status_code, "Het totaal van de regels is te groot" in again.text) == (422, True)


def test_the_largest_invoice_is_posted_and_adds_up_everywhere(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    order_id = make_order(
        vos.actor, vos.relation_id, lines=(line(quantity=Decimal(100), price=Decimal("99999999.99")),)
    )
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    assert client.htmx_post(f"{bon}/approve", data={"yes": "total:12099999998.79"}).status_code == 200
    process("vos")
    row = db.session.scalars(select(InvoicePosting)).one()
    assert (row.excl, row.vat, row.incl) == (
        Decimal("9999999999.00"), Decimal("2099999999.79"), Decimal("12099999998.79"),
    )  # fmt: skip
    assert sandbox.invoices("demo")[0]["TotaalInclBTW"] == "12099999998.79"
    assert "12.099.999.998,79" in client.get(bon).text
    assert "12.099.999.998,79" in client_as("owner").get("/t/vos/").text


def test_a_product_that_an_older_release_kept_is_a_blocker_and_no_error(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    with write_transaction() as session:
        found = session.scalars(select(WorkOrderLine).where(WorkOrderLine.order_id == vos.order_id)).one()
        found.quantity = found.price = Decimal(99_999_999)
    client, bon = client_as("planner"), f"{LIST}{vos.order_id}"
    assert "aantal of prijs is te groot" in client.get(bon).text
    assert client.htmx_post(f"{bon}/approve").status_code == 422
    assert sandbox.calls("demo", "AddFactuur") == []


def test_the_sum_of_many_large_orders_is_exact(vos: Any) -> None:
    before = attention.to_check()
    lines = (line(quantity=Decimal(1), price=Decimal("99999999.99")),) * 99
    for _n in range(3):
        make_order(vos.actor, vos.relation_id, lines=lines)
    assert attention.to_check().total == before.total + 3 * 99 * Decimal("99999999.99")


def test_sqlite_adds_cents_exactly_where_it_would_not_add_euros() -> None:
    table = Table("amounts", MetaData(), Column("euros", Money))
    engine = create_engine("sqlite://")
    table.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(table), [{"euros": LARGE}] * 20_000)
        exact, binary = connection.execute(select(in_cents(table.c.euros), func.sum(table.c.euros))).one()
    assert Decimal(exact) == LARGE * 20_000 * 100
    assert Decimal(f"{binary:.2f}") != LARGE * 20_000, "then this test proves nothing"


def test_an_amount_over_there_for_which_no_column_has_room_is_no_amount() -> None:
    cents, fine = Decimal("0.01"), Decimal("0.0001")
    assert amount("9999999999999.99", cents) == Decimal("9999999999999.99")
    assert amount("-99999999.9999", fine) == Decimal("-99999999.9999")
    for text, step in (("10000000000000", cents), ("-1e13", cents), ("100000000", fine), ("99999999.99996", fine)):
        with pytest.raises(ValueError, match="no amount"):
            amount(text, step)


# --- VAT and numbers -----------------------------------------------------------------------------------------------


def test_an_article_without_a_vat_rate_gets_none_and_blocks(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        session.scalars(select(Article).where(Article.id == vos.article_id)).one().vat_code = ""
    form = typed(**{"lines-0-kind": "article", "lines-0-article": "40118", "lines-0-vat_code": "",
                    "relation_id": str(vos.relation_id)})  # fmt: skip
    client = client_as("planner")
    order = order_at(client.post(LIST, data=form))
    assert [row.vat_code for row in order.lines] == [""]
    client.post(f"{LIST}{order.id}/move/finish")
    assert "btw-tarief ontbreekt" in client.htmx_post(f"{LIST}{order.id}/approve").text
    without = order_at(client.post(LIST, data=typed(**{"lines-0-vat_code": ""})))
    assert [row.vat_code for row in without.lines] == ["high"]  # the company's own setting for hours


@pytest.mark.parametrize("prefix", ["-", "-WB", "--"])
def test_a_number_does_not_begin_with_a_sign_that_a_spreadsheet_takes_for_a_sum(client_as: Any, prefix: str) -> None:
    form = settings_form() | {"prefix": prefix}
    refused = client_as("owner").post("/t/vos/settings/e-boekhouden/invoicing", data=form)
    assert refused.status_code == 422
    assert "begin met een letter of cijfer" in beside(refused.text, "prefix")
    fine = client_as("owner").post("/t/vos/settings/e-boekhouden/invoicing", data=form | {"prefix": f"A{prefix}"})
    assert fine.status_code == 303


def test_a_number_of_too_many_digits_is_called_too_large(client_as: Any) -> None:
    for number, said in (("10000000", "van 1 tot en met 9999999"), ("1000000000", "te groot"), ("x", "heel getal")):
        form = settings_form() | {"next_number": number}
        refused = client_as("owner").post("/t/vos/settings/e-boekhouden/invoicing", data=form)
        assert said in beside(refused.text, "next_number"), number
