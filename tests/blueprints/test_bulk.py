"""Bulk on the screen: picking, the preview, the press, and the job that refreshes itself until it is done."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from services.company import tenants
from services.invoicing import bulk
from tests.support.cast import line, make_order, process
from tests.support.client import folded, without_tokens
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def picked(vos: Any) -> SimpleNamespace:
    """Two orders that can go and one that is held back by its VAT code."""
    ready = [str(make_order(vos.actor, vos.relation_id, title=f"Klus {n}")) for n in (1, 2)]
    held = str(make_order(vos.actor, vos.relation_id, lines=(line(vat_code=""),), title="Zonder btw"))
    return SimpleNamespace(ready=ready, held=held, all=[*ready, held])


def start(client: Any, picked: SimpleNamespace) -> str:
    """Press what the preview offers; the address of the job."""
    page = client.post("/t/vos/bulk/preview", data={"order": picked.all}).text
    offered = re.findall(r'name="order" value="([^"]+)"', page)
    answer = client.post("/t/vos/bulk/start", data={"order": offered})
    assert answer.status_code == 303
    return str(answer.location)


def carry_out(vos: Any, address: str) -> None:
    """What the worker does."""
    from uuid import UUID

    actor = process("vos")
    bulk.carry_out(vos.deps, actor, UUID(address.rsplit("/", 1)[1]))
    tenants.leave()


def test_the_list_offers_executed_orders_to_whoever_may_approve(client_as: Any, picked: SimpleNamespace) -> None:
    page = folded(client_as("planner").get("/t/vos/work-orders/").text)
    for order_id in picked.all:
        assert f'form="picks" name="order" value="{order_id}"' in page
    assert 'action="/t/vos/bulk/preview"' in page
    assert 'id="picks"' not in client_as("reader").get("/t/vos/work-orders/").text
    assert 'id="picks"' not in client_as("worker").get("/t/vos/work-orders/").text


def test_the_preview_shows_blockers_first_then_totals_and_what_goes_out(
    client_as: Any, picked: SimpleNamespace
) -> None:
    page = client_as("planner").post("/t/vos/bulk/preview", data={"order": picked.all}).text
    held, totals, button = (
        page.index(text) for text in ("1 werkbon kan nog niet mee", "Per klant", "plaats 2 facturen")
    )
    assert held < totals < button
    assert f'href="/t/vos/work-orders/{picked.held}/edit"' in page
    assert "302,50" in page
    assert f'name="order" value="{picked.held}' not in page


def test_without_a_choice_the_preview_says_so(client_as: Any) -> None:
    answer = client_as("planner").post("/t/vos/bulk/preview", data={"order": ["onzin"]})
    assert answer.status_code == 422
    assert "Er is geen werkbon gekozen" in answer.text


def test_pressing_makes_a_job_that_the_worker_carries_out(
    client_as: Any, vos: Any, picked: SimpleNamespace, sandbox: Sandbox
) -> None:
    client = client_as("planner")
    address = start(client, picked)
    page = client.get(address).text
    assert 'hx-trigger="every 2s"' in page
    assert '<progress max="2" value="0"' in page
    assert sandbox.invoices("demo") == []  # the press itself sends nothing
    carry_out(vos, address)
    piece = client.htmx_get(address).text
    assert "every 2s" not in piece
    assert '<progress max="2" value="2"' in piece
    assert piece.count("geplaatst</span>") == 2
    assert len(sandbox.invoices("demo")) == 2


def test_the_fragment_is_the_part_of_the_page(client_as: Any, picked: SimpleNamespace) -> None:
    client = client_as("planner")
    address = start(client, picked)
    whole, piece = client.get(address).text, client.htmx_get(address).text
    assert without_tokens(piece).strip() in without_tokens(whole)


def test_a_stopped_job_offers_the_rest_again(client_as: Any, picked: SimpleNamespace) -> None:
    client = client_as("planner")
    address = start(client, picked)
    assert client.post(f"{address}/stop").status_code == 303
    page = client.get(address).text
    assert "Gestopt: door Planner Vos" in page
    assert page.count("niet begonnen</span>") == 2
    again = re.findall(r'name="order" value="([^"]+)"', page)
    assert sorted(again) == sorted(picked.ready)
    assert "plaats 2 facturen" in client.post("/t/vos/bulk/preview", data={"order": again}).text


@pytest.mark.parametrize("who", ["reader", "worker"])
def test_bulk_asks_the_right_to_approve(client_as: Any, cast: SimpleNamespace, who: str) -> None:
    client = client_as(who)
    for address in ("/t/vos/bulk/", "/t/vos/bulk/new", f"/t/vos/bulk/{cast.vos.job_id}"):
        assert client.get(address).status_code == 403
    assert client.post("/t/vos/bulk/start", data={"order": f"{cast.vos.order_id}:1"}).status_code == 403


def test_the_neighbours_order_cannot_be_slipped_in(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    foreign = str(cast.buur.order_id)
    assert "Onderhoud buur" not in client.post("/t/vos/bulk/preview", data={"order": [foreign]}).text
    assert client.post("/t/vos/bulk/start", data={"order": [f"{foreign}:1"]}).status_code == 404
