"""Terms on the screen: what was agreed, a page for each, and how far the order is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import Connection
from services.transaction import write_transaction
from tests.support.cast import ROLES, process
from tests.support.client import HouseClient, folded
from tests.support.sandbox_process import Sandbox

AGREED = {"agreed": "125,00", "terms-0-label": "Aanbetaling", "terms-0-percent": "30%", "terms-0-amount": ""}


@pytest.fixture
def bon(cast: SimpleNamespace) -> str:
    """The address of the executed order of Vos, of € 125,00."""
    return f"/t/vos/work-orders/{cast.vos.order_id}"


@pytest.fixture
def planner(client_as: Any, bon: str) -> HouseClient:
    """A planner who agreed a deposit of 30 %."""
    client: HouseClient = client_as("planner")
    assert client.post(f"{bon}/terms", data=AGREED).status_code == 303
    return client


def mischief(sandbox: Sandbox, kind: str, **more: Any) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": kind, "times": 1, **more}])


def numbers(sandbox: Sandbox) -> list[str]:
    return [one["Factuurnummer"] for one in sandbox.invoices("demo")]


def test_a_deposit_goes_out_from_its_page_and_the_order_says_how_far_it_is(
    planner: HouseClient, sandbox: Sandbox, bon: str
) -> None:
    page = folded(planner.get(bon).text)
    assert "1. Aanbetaling" in page
    assert "Nog te factureren" in page
    page = folded(planner.get(f"{bon}/terms/1").text)
    assert "termijn 1 van 2 (30% van € 125,00)" in page
    assert "€ 37,50" in page or "37,50" in page
    answer = planner.post(f"{bon}/terms/1/invoice/send", follow_redirects=True)
    (number,) = numbers(sandbox)
    assert f"Factuur {number} staat klaar in e-Boekhouden" in folded(answer.text)
    page = folded(planner.get(bon).text)
    assert "87,50" in page
    assert f"Al gefactureerd: termijn 1, factuur {number}" in page, "the strook shows what the last one will be"
    assert "deels gefactureerd" in planner.get("/t/vos/work-orders/").text
    planner.htmx_post(f"{bon}/approve")
    assert len(numbers(sandbox)) == 2
    page = folded(planner.get(bon).text)
    assert "Termijnen wijzigen" not in page
    assert planner.get(f"{bon}/terms/2").status_code == 303, "the last is the order's own"


@pytest.mark.parametrize(
    ("changed", "said", "field"),
    [
        ({"agreed": ""}, "Vul in voor welk bedrag", "agreed"),
        ({"terms-0-label": ""}, "Geef de termijn een naam", "terms-0-label"),
        ({"terms-0-amount": "10"}, "een van de twee", "terms-0-percent"),
        ({"terms-0-percent": "", "terms-0-amount": "125"}, "Laat iets over voor de laatste", "agreed"),
        ({"terms-0-percent": "veel"}, "veel", "terms-0-percent"),
        ({"terms-0-percent": "0"}, "meer dan 0", "terms-0-percent"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    client_as: Any, bon: str, changed: dict[str, str], said: str, field: str
) -> None:
    client: HouseClient = client_as("planner")
    answer = client.post(f"{bon}/terms", data=AGREED | changed)
    assert answer.status_code == 422
    assert said in folded(answer.text)
    assert f'id="{field}-error"' in answer.text
    for name, value in (AGREED | changed).items():
        if value:
            assert f'name="{name}"' in answer.text
            assert f'value="{value}"' in answer.text
    assert 'id="terms-title"' not in client.get(bon).text


def test_more_rows_without_javascript_and_an_empty_form_withdraws(planner: HouseClient, bon: str) -> None:
    answer = planner.post(f"{bon}/terms", data=AGREED | {"ask": "rows", "terms-1-label": "Bij start"})
    assert answer.status_code == 200
    assert 'name="terms-3-label"' in answer.text
    assert planner.post(f"{bon}/terms", data={"agreed": "", "terms-0-label": ""}).status_code == 303
    assert 'id="terms-title"' not in planner.get(bon).text


def test_a_refused_one_says_why_and_is_let_go_with_a_reason(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    mischief(sandbox, "refuse", code="CFACT025", text="x")
    page = folded(planner.htmx_post(f"{bon}/terms/1/invoice/send").text)
    assert "De termijn is niet geplaatst" in page
    assert "Plaats deze termijn" in page
    assert "Of laat de termijn vervallen" in page, "after what helps against this very code"
    start = planner.get("/t/vos/").text
    assert "termijn 1" in folded(start), "what needs attention says which"
    assert f'href="{bon}/terms/1"' in start, "and leads there"
    answer = planner.post(f"{bon}/terms/1/invoice/give-up", data={"reason": ""})
    assert answer.status_code == 422
    assert "Schrijf de reden op" in answer.text
    assert planner.post(f"{bon}/terms/1/invoice/give-up", data={"reason": "later"}).status_code == 303
    assert f'{bon}/terms/1">Factureren<' in planner.get(bon).text
    assert numbers(sandbox) == []


def test_an_uncertain_one_is_looked_up_and_the_last_waits(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    mischief(sandbox, "reset_after")
    page = folded(planner.htmx_post(f"{bon}/terms/1/invoice/send").text)
    assert "We weten nog niet of de factuur is aangekomen" in page
    refused = planner.htmx_post(f"{bon}/approve")
    assert refused.status_code == 422
    assert "nog een termijn" in folded(refused.text)
    page = folded(planner.htmx_post(f"{bon}/terms/1/invoice/check").text)
    assert "staat klaar in e-Boekhouden" in page
    assert len(numbers(sandbox)) == 1


def test_it_is_credited_on_its_page(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    planner.post(f"{bon}/terms/1/invoice/send")
    assert planner.post(f"{bon}/terms/1/credit", data={"reason": ""}).status_code == 422
    mischief(sandbox, "refuse", code="CFACT025", text="x")
    page = folded(planner.post(f"{bon}/terms/1/credit", data={"reason": "te vroeg"}, follow_redirects=True).text)
    assert "De creditfactuur is niet geplaatst" in page
    assert planner.get(f"{bon}/terms/1/credit/give-up").status_code == 200
    page = folded(planner.htmx_post(f"{bon}/terms/1/credit/send").text)
    assert "Creditfactuur" in page
    assert "De laatste termijn trekt hem af" not in page, "for it does not any more"
    assert len(numbers(sandbox)) == 2
    assert "gecrediteerd" in planner.get(bon).text


def test_what_blocks_it_stands_on_its_page(planner: HouseClient, sandbox: Sandbox, bon: str) -> None:
    process("vos")
    with write_transaction() as session:
        session.scalars(select(Connection)).one().template = ""
    answer = planner.htmx_post(f"{bon}/terms/1/invoice/send")
    assert answer.status_code == 422
    assert "sjabloon" in answer.text
    assert numbers(sandbox) == []


def test_who_may_not_approve_sets_and_sends_none(client_as: Any, bon: str) -> None:
    for role in set(ROLES) - {"owner", "planner", "support"}:
        client = client_as(role)
        if client.get(f"{bon}/terms").status_code == 200:
            continue  # the office
        assert client.post(f"{bon}/terms", data=AGREED).status_code in {403, 404}
        assert client.post(f"{bon}/terms/1/invoice/send").status_code in {403, 404}
