"""A bon that goes to somebody else while its mechanic writes: what was typed comes back, and to nobody else."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from models import Company, Worker
from services.orders import work_orders
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.isolation.test_every_route import every_row
from tests.support.cast import make_order, process
from tests.support.client import HTMX, HouseClient, client_for, folded

LINE = {"kind": "material", "description": "Kraan", "quantity": "3", "unit": "stuk"}
TYPED = {"work_done": "Ketel <b>ontlucht</b>", "hours": "2,5", "finish": "1"} | {
    f"lines-0-{name}": value for name, value in LINE.items()
}
STEPS = ["report", "move/start", "move/finish", "move/pause"]


@pytest.fixture
def order_id(vos: SimpleNamespace) -> UUID:
    """A bon of the mechanic of Vos, for today."""
    return make_order(
        process("vos"), vos.relation_id, "planned", title="Ketel boven", executed_on=None, yes=(),
        worker_id=vos.worker_id, planned_on=today(db.session()),
    )  # fmt: skip


def another_worker() -> UUID:
    """A colleague; and the office has a phone."""
    process("vos")
    with write_transaction() as session:
        session.add(row := Worker(name="Anja Zwart"))
        session.query(Company).one().phone = "070 123 45 67"
        session.flush()
        return row.id


def shown(client: HouseClient, order_id: UUID) -> str:
    """What the form of a bon says of who had it before them."""
    found = re.search(r'name="shown_order" value="([^"]+)"', client.get(f"/t/vos/work-orders/{order_id}/report").text)
    assert found
    return found[1]


def give_away(order_id: UUID, how: str) -> None:
    """The office moves it, takes it off the planning, or cancels it after that."""
    colleague = another_worker()
    actor, day = process("vos"), today(db.session())
    if how == "moved":
        work_orders.plan(actor, order_id, day, colleague, None, None)
    else:
        work_orders.plan(actor, order_id, None, None, None, None)
    if how == "cancelled":
        work_orders.move(actor, order_id, "cancel")


SAID = {
    "moved": "Hij staat nu bij Anja Zwart.",
    "unplanned": "Hij is van de planning gehaald en staat nu bij niemand.",
    "cancelled": "Het kantoor heeft hem intussen geannuleerd.",
}


@pytest.mark.parametrize("how", SAID)
def test_a_report_comes_back_with_all_of_it_and_where_to_bring_it(app: Flask, order_id: UUID, how: str) -> None:
    client = client_for(app, "worker")
    field = shown(client, order_id)
    give_away(order_id, how)
    before = every_row()
    page = client.post(f"/t/vos/work-orders/{order_id}/report", data=TYPED | {"shown_order": field})
    text = folded(page.text)
    assert page.status_code == 409
    assert SAID[how] in text
    assert "Ketel boven" in text
    assert "070 123 45 67" in text
    assert "Ketel &lt;b&gt;ontlucht&lt;/b&gt;" in text
    assert "Uren: 2,5" in text
    assert "- 3 stuk Kraan" in text
    assert every_row() == before


@pytest.mark.parametrize("address", ["report", "finished"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_one_that_was_cancelled_and_is_seen_still_gives_back_what_was_typed(
    app: Flask, order_id: UUID, address: str, headers: dict[str, str]
) -> None:
    client = client_for(app, "worker")
    another_worker()
    work_orders.move(process("vos"), order_id, "cancel")
    assert client.get(f"/t/vos/work-orders/{order_id}").status_code == 200
    before = every_row()
    page = client.post(f"/t/vos/work-orders/{order_id}/{address}", data=TYPED, headers=headers)
    text = folded(page.text)
    assert page.status_code == 409
    assert "Deze werkbon is geannuleerd" in text
    assert "niet meer bij u" not in text
    assert SAID["cancelled"] in text
    assert "070 123 45 67" in text
    for typed in ("Ketel &lt;b&gt;ontlucht&lt;/b&gt;", "Uren: 2,5", "- 3 stuk Kraan"):
        assert typed in text
    assert every_row() == before


def test_one_that_is_cancelled_at_this_moment_does_too(
    app: Flask, order_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = work_orders.report

    def too_late(*given: Any) -> None:
        work_orders.move(process("vos"), order_id, "cancel")
        real(*given)

    monkeypatch.setattr(work_orders, "report", too_late)
    page = client_for(app, "worker").post(f"/t/vos/work-orders/{order_id}/report", data=TYPED)
    assert page.status_code == 409
    assert "- 3 stuk Kraan" in page.text


def test_who_may_write_orders_keeps_the_form_of_a_cancelled_one(app: Flask, order_id: UUID) -> None:
    work_orders.move(process("vos"), order_id, "cancel")
    page = client_for(app, "planner").post(f"/t/vos/work-orders/{order_id}/report", data=TYPED)
    assert page.status_code == 422
    assert "Ketel &lt;b&gt;ontlucht" in page.text
    assert "Bespreek het met kantoor" not in page.text


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_step_is_a_sentence(app: Flask, order_id: UUID, step: str) -> None:
    client = client_for(app, "worker")
    field = shown(client, order_id)
    give_away(order_id, "moved")
    page = client.post(f"/t/vos/work-orders/{order_id}/{step}", data={"shown_order": field})
    assert page.status_code == 409
    assert "Hij staat nu bij Anja Zwart." in page.text
    assert "Uw stap is niet gezet." in page.text


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_told_without_the_page_or_with_that_of_somebody_else(app: Flask, order_id: UUID, step: str) -> None:
    of_the_owner = shown(client_for(app, "owner"), order_id)
    give_away(order_id, "moved")
    client = client_for(app, "worker")
    for field in ("", "made up", of_the_owner):
        page = client.post(f"/t/vos/work-orders/{order_id}/{step}", data=TYPED | {"shown_order": field})
        assert page.status_code == 404
        assert "Ketel boven" not in page.text
        assert "Anja" not in page.text


def test_the_page_of_one_bon_tells_nothing_of_another(app: Flask, vos: SimpleNamespace, order_id: UUID) -> None:
    client = client_for(app, "worker")
    field = shown(client, order_id)
    other = make_order(process("vos"), vos.relation_id, "draft", title="Geheim")
    page = client.post(f"/t/vos/work-orders/{other}/report", data=TYPED | {"shown_order": field})
    assert page.status_code == 404
    assert "Geheim" not in page.text
