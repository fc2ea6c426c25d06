"""Orders of one customer on one invoice, on the screen: the offer, what came of it, and what each order's page says."""

from __future__ import annotations

import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import Connection
from services.transaction import write_transaction
from tests.support.cast import line, make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

TOGETHER = "/t/vos/bulk/together"


@pytest.fixture
def picked(vos: Any) -> list[str]:
    """Two orders of one customer."""
    return [str(make_order(vos.actor, vos.relation_id, title=f"Klus {n}")) for n in (1, 2)]


def offered(client: Any, picked: list[str]) -> SimpleNamespace:
    """The preview, and what its offer posts."""
    page = client.post("/t/vos/bulk/preview", data={"order": picked}).text
    form = page.partition(f'action="{TOGETHER}"')[2].partition("</form>")[0]
    return SimpleNamespace(page=folded(page), orders=re.findall(r'name="order" value="([^"]+)"', form), form=form)


def test_the_preview_offers_one_invoice_and_the_result_stands_there_at_once(
    client_as: Any, picked: list[str], sandbox: Sandbox
) -> None:
    client = client_as("planner")
    offer = offered(client, picked)
    assert "Samen op één factuur: Familie Voorbeeld" in offer.page
    assert "2 bonnen, 4 regels, € 302,50 incl. btw" in offer.page
    assert "plaats ze samen op 1 factuur" in offer.page
    answer = client.post(TOGETHER, data={"order": offer.orders})
    assert answer.status_code == 303
    page = folded(client.get(answer.location).text)
    assert "2 werkbonnen op 1 factuur" in page
    assert page.count("geplaatst</span>") == 2
    (there,) = sandbox.invoices("demo")
    assert page.count(there["Factuurnummer"]) == 2
    assert client.post(TOGETHER, data={"order": offer.orders}).status_code in {303, 422}
    assert len(sandbox.invoices("demo")) == 1


def test_each_page_says_whose_invoice_it_is_and_what_is_done_for_all(
    client_as: Any, vos: Any, picked: list[str], sandbox: Sandbox
) -> None:
    client = client_as("planner")
    refused = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x", "times": 1}
    sandbox.mischief("demo", [refused])
    client.post(TOGETHER, data={"order": offered(client, picked).orders})
    for mine, other in (picked, picked[::-1]):
        page = folded(client.get(f"/t/vos/work-orders/{mine}").text)
        assert "Verzamelfactuur van de bonnen" in page
        assert f'href="/t/vos/work-orders/{other}#invoice"' in page
    assert "komen hiermee vrij" in client.get(f"/t/vos/work-orders/{picked[0]}/give-up").text
    client.post(f"/t/vos/work-orders/{picked[1]}/send")
    page = folded(client.get(f"/t/vos/work-orders/{picked[0]}/reopen-posted").text)
    assert "dit crediteert ook" in page
    alone = str(make_order(process("vos"), vos.relation_id))
    client.post(f"/t/vos/work-orders/{alone}/approve")
    assert "Verzamelfactuur" not in client.get(f"/t/vos/work-orders/{alone}").text
    assert "dit crediteert ook" not in client.get(f"/t/vos/work-orders/{alone}/reopen-posted").text


def test_what_does_not_fit_is_said_beforehand(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    many = [str(make_order(vos.actor, vos.relation_id, lines=(line(),) * 60)) for _ in range(3)]
    assert "samen op" not in offered(client_as("planner"), many).page  # nothing would be won
    actor = process("vos")
    small = [str(make_order(actor, vos.relation_id)) for _ in range(2)]
    offer = offered(client_as("planner"), [*many, *small])
    assert "Samen op minder facturen" in offer.page
    assert "hoogstens 100 regels" in offer.page
    assert "3 bonnen, 65 regels" in offer.page
    assert "plaats ze samen op 3 facturen" in offer.page


def test_a_large_sum_is_asked_about_beside_the_button(client_as: Any, vos: Any, picked: list[str]) -> None:
    with write_transaction() as session:
        session.scalars(select(Connection)).one().ask_above = Decimal(300)
    client = client_as("planner")
    offer = offered(client, picked)
    answer = re.search(r'name="yes" value="([^"]+)" required', offer.form)
    assert answer is not None
    said = client.post(TOGETHER, data={"order": offer.orders})
    assert said.status_code == 422
    assert "Daar is een ja" in said.text
    assert client.post(TOGETHER, data={"order": offer.orders, "yes": answer[1]}).status_code == 303


def test_one_that_changed_meanwhile_keeps_all_back(client_as: Any, picked: list[str], sandbox: Sandbox) -> None:
    client = client_as("planner")
    offer = offered(client, picked)
    stale = [value.partition(":")[0] + ":1" for value in offer.orders]
    answer = client.post(TOGETHER, data={"order": stale})
    assert (answer.status_code, "gewijzigd na uw controle" in answer.text) == (422, True)
    assert sandbox.invoices("demo") == []


@pytest.mark.parametrize("who", ["reader", "worker"])
def test_it_asks_the_right_to_approve(client_as: Any, picked: list[str], who: str) -> None:
    assert client_as(who).post(TOGETHER, data={"order": [f"{one}:2" for one in picked]}).status_code == 403


def test_the_neighbours_order_cannot_be_slipped_in(
    client_as: Any, cast: SimpleNamespace, picked: list[str], sandbox: Sandbox
) -> None:
    client = client_as("planner")
    orders = [*offered(client, picked).orders, f"{cast.buur.order_id}:2"]
    assert client.post(TOGETHER, data={"order": orders}).status_code == 404
    assert sandbox.invoices("demo") == []
