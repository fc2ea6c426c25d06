"""The strook asks by itself whom the customer's code leads to, where a press can follow, and shows what came of it."""

from __future__ import annotations

from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from services.catalogue import relations
from tenancy.database import db
from tests.services.test_customer_of_an_invoice import CODE, OTHER, calls_of, change_there, row_of, swap
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

BY_ITSELF = 'hx-trigger="load"'


@pytest.fixture
def bon(app: Flask, cast: SimpleNamespace, sandbox: Sandbox) -> str:
    """The address of an executed order for a customer that was read in."""
    actor = process("vos")
    relations.sync(app.extensions["crafter"], actor)
    order_id = make_order(actor, row_of(CODE).id)
    db.session.rollback()
    return f"/t/vos/work-orders/{order_id}"


def name_of(code: str) -> str:
    """What our customer with this code is called."""
    process("vos")
    return row_of(code).name


def ask(client: Any, bon: str, again: str = "", seen: str = "ready") -> Any:
    """What the page asks by itself; with `again` what the button does."""
    return client.htmx_post(f"{bon}/customer?seen={seen}{again}")


def test_the_page_asks_by_itself_and_never_while_it_is_made(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    page: list[str] = []
    assert calls_of(sandbox, lambda: page.append(client.get(bon).text)) == []
    assert f'hx-post="{bon}/customer?seen=ready" {BY_ITSELF}' in folded(page[0])
    answer = ask(client, bon)
    assert "HX-Retarget" not in answer.headers
    assert f"Relatiecode {CODE} is in e-Boekhouden van {name_of(CODE)}." in folded(unescape(answer.text))
    shown = client.get(bon).text
    assert BY_ITSELF not in shown
    assert f"Relatiecode {CODE} is in e-Boekhouden van" in folded(shown)


def test_without_javascript_a_button_asks(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    assert "Vraag wie deze code heeft" in client.get(bon).text
    answer = client.post(f"{bon}/customer")
    assert answer.status_code == 303
    assert answer.location.endswith(f"{bon}#invoice")
    assert f"Relatiecode {CODE} is in e-Boekhouden van" in folded(client.get(bon).text)


def test_a_code_of_somebody_else_takes_the_press_away_and_says_what_to_do(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    there, ours = name_of(OTHER), name_of(CODE)
    swap(sandbox)
    answer = ask(client, bon)
    assert answer.headers["HX-Retarget"] == "#invoice:has(#customer-there)"
    for text in (folded(unescape(answer.text)), folded(unescape(client.get(bon).text))):
        assert f"Relatiecode {CODE} is in e-Boekhouden van {there}" in text
        assert f"en niet van {ours}" in text
        assert "Haal de relaties op, of herstel de code in e-Boekhouden." in text
        assert f'hx-post="{bon}/approve"' not in text
        assert "Kijk opnieuw" in text
    swap(sandbox)
    mended = ask(client, bon, "&again=1", "blocked")
    assert "HX-Retarget" in mended.headers
    assert f'hx-post="{bon}/approve"' in folded(mended.text)
    assert "autofocus" in mended.text, "a person pressed"


def test_a_new_name_changes_what_the_strook_shows(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    change_there(sandbox, CODE, Bedrijf="De Opvolger B.V.")
    answer = ask(client, bon)
    assert answer.headers["HX-Retarget"] == "#invoice:has(#customer-there)"
    assert "dat is hier overgenomen" in folded(answer.text)
    assert "<dd>De Opvolger B.V." in answer.text
    assert "autofocus" not in answer.text, "nobody pressed"


def test_no_answer_says_what_happened_and_what_now(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    text = folded(ask(client, bon).text)
    assert f"Relatiecode {CODE} kon niet in e-Boekhouden worden opgezocht: HTTP 503" in text
    assert "Er is niets verstuurd of gewijzigd." in text
    assert "Kijk opnieuw" in text
    assert "is in e-Boekhouden van" in folded(ask(client, bon, "&again=1").text)


def test_a_customer_that_is_not_there_is_named_before_the_press(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    sandbox.relations("demo", {"remove": [CODE]})
    text = folded(ask(client, bon).text)
    assert f"Relatiecode {CODE} is er niet in e-Boekhouden." in text
    assert "Haal de relaties op, of herstel de code" in text


def test_after_a_no_that_lets_it_go_out_again_it_asks_and_after_a_yes_it_does_not(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    assert "niet verstuurd" in client.htmx_post(f"{bon}/approve").text
    assert f'hx-post="{bon}/customer?seen=not_sent" {BY_ITSELF}' in folded(client.get(bon).text)
    assert "is in e-Boekhouden van" in folded(ask(client, bon, seen="not_sent").text)
    assert calls_of(sandbox, lambda: client.htmx_post(f"{bon}/send")) == ["AddFactuur"]
    assert "/customer" not in client.get(bon).text
    assert calls_of(sandbox, lambda: ask(client, bon, "&again=1")) == []


def test_who_may_not_press_sees_what_is_known_and_asks_nothing(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    reader = client_as("reader")
    assert "/customer" not in reader.get(bon).text
    assert reader.htmx_post(f"{bon}/customer").status_code == 403
    ask(client_as("planner"), bon)
    shown = folded(reader.get(bon).text)
    assert f"Relatiecode {CODE} is in e-Boekhouden van" in shown
    assert "/customer" not in shown


def test_credentials_that_are_refused_meanwhile_show_that_at_once(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    sandbox.mischief(
        "demo", [{"operation": "GetRelaties", "kind": "refuse", "code": "E001.1", "text": "x", "times": 1}]
    )
    answer = ask(client, bon)
    assert "HX-Retarget" in answer.headers
    assert "De verbinding met e-Boekhouden is verbroken" in folded(answer.text)
