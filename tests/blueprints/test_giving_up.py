"""An uncertain invoice that nobody can look up: nothing is promised of it, and the owner brings it to an end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from services import heartbeat
from tests.blueprints.test_work_orders_invoice import change_link
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def bon(cast: SimpleNamespace) -> str:
    """The order's page."""
    return f"/t/vos/work-orders/{cast.vos.order_id}"


def test_without_a_link_nothing_is_promised_of_an_uncertain_invoice(
    client_as: Any, sandbox: Sandbox, bon: str, cast: SimpleNamespace
) -> None:
    """Nobody can look it up then, and only the owner lets it go: no page says that others can."""
    client = client_as("planner")
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    client.htmx_post(f"{bon}/approve")
    assert "Uiterlijk om" not in client.get(bon).text, "nor without a worker"
    heartbeat.beat(heartbeat.WORKER, uuid4())
    change_link(state="inactive")
    page = folded(client.get(bon).text)
    assert "Opzoeken kan nu niet, want de administratie waar hij heen ging, is nu niet gekoppeld" in page
    assert "Uiterlijk om" not in page
    assert "We zoeken het nummer zelf op" not in page
    answered = client.get(f"{bon}/give-up")
    assert (answered.status_code, answered.location) == (303, f"{bon}#invoice"), "a planner cannot"
    refused = client.post(f"{bon}/give-up", data={"reason": "weg"})
    assert "Alleen de eigenaar" in refused.text


def test_the_owner_brings_an_uncertain_invoice_to_an_end_that_nobody_can_look_up(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    owner = client_as("owner")
    owner.htmx_post(f"{bon}/approve")
    assert owner.get(f"{bon}/give-up").status_code == 303, "as long as it can be looked up, that tells"
    assert "nog onderweg" in owner.post(f"{bon}/give-up", data={"reason": "weg"}).text
    change_link(state="inactive")
    assert f"{bon}/give-up" in owner.get(bon).text
    page = folded(owner.get(f"{bon}/give-up").text)
    assert "Niemand weet of deze factuur in e-Boekhouden staat" in page
    assert "dan krijgt de klant hem twee keer" in page
    assert "niet opnieuw gebruikt" in page
    assert "Schrijf op waarom" in owner.post(f"{bon}/give-up", data={"reason": " "}).text
    assert owner.post(f"{bon}/give-up", data={"reason": "bedrijf overgedragen"}).status_code == 303
    page = owner.get(bon).text
    assert "bedrijf overgedragen" in page
    assert 'data-state="uncertain"' not in page
    assert len(sandbox.calls("demo", "AddFactuur")) == 1
