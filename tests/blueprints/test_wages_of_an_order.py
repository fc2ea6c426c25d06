"""The wage part on the screens: agreed with a customer, said on an order, shown before the press and after it."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import Company, Relation
from services.transaction import write_transaction
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.support.cast import process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

ACCOUNT = "NL91ABNA0417164300"
COMPANY = "/t/vos/settings/company"


def agreed(cast: SimpleNamespace, wages: int | None = 60, on_account: int | None = 40, account: str = ACCOUNT) -> UUID:
    """What was agreed with the customer of Vos, and its own account, past the screens."""
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(Relation).where(Relation.id == cast.vos.relation_id)).one()
        row.wage_percent, row.g_percent = wages, on_account
        session.scalars(select(Company)).one().g_account = account
    relation_id: UUID = cast.vos.relation_id
    return relation_id


def test_it_is_agreed_with_the_customer_and_a_reader_reads_it(client_as: Any, cast: SimpleNamespace) -> None:
    address = f"/t/vos/relations/{cast.vos.relation_id}"
    client = client_as("planner")
    assert "<details>" in folded(client.get(address).text)
    assert client.post(f"{address}/notes", data={"wage_percent": "62,5 %", "g_percent": "40"}).status_code == 303
    page = client.get(address).text
    assert 'value="62,5"' in page
    assert 'value="40"' in page
    assert "<details open>" in folded(page), "what is filled in is in sight"
    read = folded(client_as("reader").get(address).text)
    assert "Loonbestanddeel: 62,5% van de arbeid." in read
    assert "Naar uw G-rekening: 40% van het loonbestanddeel." in read
    client.post(f"{address}/notes", data={"wage_percent": "", "g_percent": ""})
    assert "G-rekening" not in client_as("reader").get(address).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("0", "Vul een percentage in van meer dan 0 en hoogstens 100."),
        ("101", "Dit kan niet hoger zijn dan 100."),
        ("veel", "veel is geen getal."),
        ("12,345", "Gebruik hoogstens 2 cijfers achter de komma."),
    ],
)
def test_a_percentage_that_is_none_is_asked_back_beside_its_field(
    client_as: Any, cast: SimpleNamespace, wrong: str, said: str
) -> None:
    address = f"/t/vos/relations/{cast.vos.relation_id}/notes"
    answer = client_as("planner").post(address, data={"wage_percent": wrong, "g_percent": "40", "notes": "sleutel"})
    assert answer.status_code == 422
    page = folded(answer.text)
    assert said in page
    assert f'value="{wrong}"' in page
    assert "sleutel" in page
    assert "<details open>" in page


def test_the_account_is_the_companys_own(client_as: Any) -> None:
    client, form = client_as("owner"), {"name": "Vos", "language": "nl", "iban": "NL20INGB0001234567"}
    wrong = client.post(COMPANY, data=form | {"g_account": "NL91ABNA0417164301"})
    assert wrong.status_code == 422
    assert "Dit IBAN klopt niet." in wrong.text
    same = client.post(COMPANY, data=form | {"g_account": "NL20INGB0001234567"})
    assert "Dit is uw gewone rekening." in same.text
    assert client.post(COMPANY, data=form | {"g_account": "NL91 ABNA 0417 1643 00"}).status_code == 303
    assert f'value="{ACCOUNT}"' in client.get(COMPANY).text


def test_before_the_press_it_says_how_much_and_why(client_as: Any, cast: SimpleNamespace, sandbox: Sandbox) -> None:
    customer = agreed(cast)
    client = client_as("owner")
    for said, amount, why in (("", "75,00", "60% van € 125,00 arbeid. Zo staat het bij de klant."),
                              ("100,10", "100,10", "Zo staat het op deze bon.")):  # fmt: skip
        data = typed(relation_id=str(customer), wage_part=said) | {
            "lines-0-quantity": "2", "lines-0-price": "62,50",
        }  # fmt: skip
        order = order_at(client.post(LIST, data=data))
        assert client.post(f"{LIST}{order.id}/move/finish").status_code == 303
        page = folded(client.get(f"{LIST}{order.id}").text)
        assert f"<dt>Loonbestanddeel</dt><dd>€ {amount}" in page
        assert why in page
        assert "<dt>Naar uw G-rekening</dt>" in page
        form = client.get(f"{LIST}{order.id}/edit").text
        assert re.search(f'name="wage_part"[^>]* value="{said}"', form)


def test_what_blocks_leads_to_where_it_is_mended(client_as: Any, cast: SimpleNamespace) -> None:
    bon = f"/t/vos/work-orders/{cast.vos.order_id}"
    agreed(cast, account="")
    owner = folded(client_as("owner").get(bon).text)
    assert "Het nummer van uw G-rekening ontbreekt" in owner
    assert f'href="{COMPANY}#g_account"' in owner
    assert "#g_account" not in client_as("planner").get(bon).text, "who may not mend it gets no button"
    agreed(cast, wages=None)
    page = folded(client_as("planner").get(bon).text)
    assert "Het loonbestanddeel is niet bekend" in page
    assert f'href="{bon}/edit#wage_part"' in page


def test_an_order_keeps_what_was_typed_and_takes_it_back(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    for text, kept in (("12,50", "12.50"), ("0", "0.00"), ("", None)):
        order = order_at(client.post(LIST, data=typed(wage_part=text)))
        found = order_of(order.id).wage_part
        assert (None if found is None else f"{found:.2f}") == kept
    wrong = client.post(LIST, data=typed(wage_part="-1"))
    assert wrong.status_code == 422
    assert 'value="-1"' in wrong.text


def test_what_went_along_is_shown_where_the_invoice_is(client_as: Any, cast: SimpleNamespace, sandbox: Sandbox) -> None:
    agreed(cast)
    bon = f"/t/vos/work-orders/{cast.vos.order_id}"
    client = client_as("owner")
    client.post(f"{bon}/approve", data={"version": str(order_of(cast.vos.order_id).version)})
    agreed(cast, wages=None, on_account=None, account="")
    page = folded(client.get(bon).text)
    assert "staat klaar in e-Boekhouden" in page
    assert "Loonbestanddeel € 75,00 (60% van € 125,00 arbeid)" in page
    assert "Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 30,00" in page
