"""Onze gegevens lopen achter on the screens: nothing is sent, all are told, and the owner says whose each one is."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from markupsafe import escape

from services.catalogue import relations
from services.invoicing import looking_back
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import line, make_order, numbered, process
from tests.support.client import HTMX
from tests.support.sandbox_process import Sandbox

PAGE = "/t/vos/settings/e-boekhouden/looking-back"


@pytest.fixture
def behind(vos: SimpleNamespace, sandbox: Sandbox) -> SimpleNamespace:
    """Two invoices of ours stand over there that are not known here: with other lines, and of an order that is gone."""
    other = make_order(vos.actor, vos.relation_id, lines=(line(price=Decimal(9)),))
    said = f"Werkbon {vos.order_number}, uitgevoerd 18-11-2026: ander werk"
    put_a_foreign_invoice(vos, numbered(1, "WB"), said)
    put_a_foreign_invoice(vos, numbered(2, "WB"), f"Werkbon {numbered(900)}, uitgevoerd 18-11-2026: werk")
    looking_back.expect_to_be_behind()
    return SimpleNamespace(other=other, **vars(vos))


def test_the_first_press_finds_it_and_every_screen_says_so(
    client_as: Callable[[str | None], Any], behind: SimpleNamespace, sandbox: Sandbox
) -> None:
    planner, owner = client_as("planner"), client_as("owner")
    pressed = planner.post(f"/t/vos/work-orders/{behind.other}/approve", headers=HTMX)
    assert pressed.status_code == 422
    assert "Onze gegevens lopen achter" in pressed.text
    assert len(sandbox.invoices("demo")) == 2
    assert "Onze gegevens lopen achter" in planner.get("/t/vos/").text
    assert PAGE in owner.get("/t/vos/").text
    assert PAGE in owner.get("/t/vos/settings/e-boekhouden").text
    assert PAGE in owner.get(f"/t/vos/work-orders/{behind.other}").text
    page = owner.get(PAGE).text
    assert numbered(1, "WB") in page
    assert numbered(2, "WB") in page
    assert "Dit is van ons" in page
    process("vos")
    customer = relations.get(behind.relation_id)
    assert f"Hier is dat {escape(customer.name)}." in page, "a code alone tells nobody who it is"
    assert "Dit is van ons" not in client_as("office").get(PAGE).text, "the owner decides"
    assert client_as("office").post(f"{PAGE}/not-ours", data={}).status_code == 403


def test_the_owner_says_whose_they_are_and_posting_goes_on(
    client_as: Callable[[str | None], Any], behind: SimpleNamespace, sandbox: Sandbox
) -> None:
    owner = client_as("owner")
    owner.post(f"/t/vos/work-orders/{behind.other}/approve", headers=HTMX)

    wrong = owner.post(f"{PAGE}/ours", data={"number": numbered(2, "WB"), "order": "2020-77"})
    assert wrong.status_code == 422
    assert "Werkbon 2020-77 is er niet." in wrong.text
    assert 'value="2020-77"' in wrong.text, "what was typed stays"
    empty = owner.post(f"{PAGE}/not-ours", data={"number": numbered(2, "WB"), "reason": ""})
    assert empty.status_code == 422
    assert "Schrijf op waarom deze factuur niet van u is." in empty.text
    stranger = owner.post(f"{PAGE}/not-ours", data={"number": "F1", "reason": "x"})
    assert stranger.status_code == 422

    taken = owner.post(f"{PAGE}/ours", data={"number": numbered(1, "WB"), "order": behind.order_number})
    assert taken.status_code == 303
    said = owner.post(f"{PAGE}/not-ours", data={"number": numbered(2, "WB"), "reason": "van vorig jaar"})
    assert said.status_code == 303
    page = owner.get(PAGE).text
    assert "Er staat niets open" in page
    assert "Onze gegevens zijn weer gelijk" in page
    assert "van vorig jaar" in owner.get("/t/vos/settings/numbers").text
    assert "Onze gegevens lopen achter" not in owner.get("/t/vos/").text
    assert owner.post(f"/t/vos/work-orders/{behind.other}/approve", headers=HTMX).status_code == 200
    assert len(sandbox.invoices("demo")) == 3


def test_when_nobody_can_look_the_page_says_why_and_offers_another_try(
    client_as: Callable[[str | None], Any], behind: SimpleNamespace, sandbox: Sandbox
) -> None:
    owner = client_as("owner")
    owner.post(f"/t/vos/work-orders/{behind.other}/approve", headers=HTMX)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "http_500_fault"}])
    page = owner.get(PAGE)
    assert page.status_code == 200
    assert "We kunnen nu niet zien wat daar staat" in page.text
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "http_500_fault"}])
    assert owner.post(PAGE).status_code == 422
    assert owner.post(PAGE).status_code == 303


def test_an_order_that_has_its_invoice_is_not_proposed_for_another(
    client_as: Callable[[str | None], Any], behind: SimpleNamespace, sandbox: Sandbox
) -> None:
    owner = client_as("owner")
    owner.post(f"/t/vos/work-orders/{behind.other}/approve", headers=HTMX)
    proposed = f'value="{behind.order_number}"'
    assert proposed in owner.get(PAGE).text
    process("vos")
    put_a_foreign_invoice(behind, numbered(3, "WB"), f"Werkbon {behind.order_number}, uitgevoerd")
    owner.post(f"{PAGE}/ours", data={"number": numbered(1, "WB"), "order": behind.order_number})
    page = owner.get(PAGE).text
    assert f"Werkbon {behind.order_number} heeft hier al een factuur" in page
    assert proposed not in page


def test_the_help_keeps_its_promise_of_asking_and_taking_over(client_as: Callable[[str | None], Any]) -> None:
    page = client_as("owner").get("/t/vos/help/onze-gegevens-lopen-achter").text
    assert "Dit is van ons" in page
    assert "langer dan een kwartier" in page
