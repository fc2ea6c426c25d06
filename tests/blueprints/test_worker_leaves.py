"""A worker who left: nobody plans him any more, and he stays to be found where orders name him."""

from __future__ import annotations

import re
from datetime import date, time
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.message import Refusal
from models import Visit, VisitWorker, Worker, WorkOrder
from services.company import workers
from services.company.workers import WorkerInput
from services.orders import handing_over, visits, work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import make_order, process

MONDAY = date(2026, 11, 16)


def planned(vos: SimpleNamespace) -> Any:
    """An order planned for the worker of Vos."""
    given = {"planned_on": MONDAY, "worker_id": vos.worker_id, "executed_on": None, "title": "Dakgoot"}
    return make_order(process("vos"), vos.relation_id, "planned", **given)


def test_an_old_form_is_refused_beside_its_field_and_keeps_its_text(client_as: Any, vos: SimpleNamespace) -> None:
    order_id = make_order(process("vos"), None, "draft", executed_on=None)
    workers.edit(process("vos"), vos.worker_id, WorkerInput("Wim Vos", active=False))
    typed = {"planned_on": "2026-11-16", "planned_hours": "1u30", "worker_id": str(vos.worker_id)}
    answer = client_as("planner").post(f"/t/vos/planning/{order_id}", data=typed)
    assert answer.status_code == 422
    assert 'id="worker_id-error"' in answer.text
    assert "Wim Vos staat op inactief" in answer.text
    assert 'value="1u30"' in answer.text


def test_he_stays_in_the_lists_filter_and_is_marked_on_the_board(client_as: Any, vos: SimpleNamespace) -> None:
    planned(vos)
    workers.edit(process("vos"), vos.worker_id, WorkerInput("Wim Vos", active=False))
    client = client_as("planner")
    assert "Wim Vos" in client.get("/t/vos/choices/everybody?q=wim").text
    assert "Wim Vos" not in client.get("/t/vos/choices/workers?q=wim").text
    board = client.get("/t/vos/planning/?week=2026-W47").text
    row = board[board.index("Wim Vos") :][:200]
    assert "inactief" in row
    found = client.get("/t/vos/work-orders/?worker-text=Wim+Vos&worker-asked=").text
    assert "Dakgoot" in found


# --- what he leaves -------------------------------------------------------------------------------------------------


def left(vos: SimpleNamespace) -> str:
    """The page with what is left of the worker of Vos."""
    return f"/t/vos/planning/worker/{vos.worker_id}"


def colleague() -> UUID:
    """Somebody who stays."""
    return workers.create(process("vos"), WorkerInput("Kim Blijft"))


def who_and_when(order_id: UUID) -> tuple[str, date | None, set[str]]:
    """The order's state, its day and who goes."""
    process("vos")
    db.session.rollback()
    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
    visits.load(db.session(), [order])
    return order.state, order.planned_on, {worker.name for visit in order.visits for worker in visit.workers}


def inactive(vos: SimpleNamespace) -> dict[str, str]:
    """The form of the worker, with the tick taken away."""
    return {"name": "Wim Vos", "colour": "petrol"}


def test_who_is_made_inactive_leaves_his_work_on_a_page_that_moves_it(client_as: Any, vos: SimpleNamespace) -> None:
    order_id, kim, client = planned(vos), colleague(), client_as("owner")
    saved = client.post(f"/t/vos/settings/workers/{vos.worker_id}/edit", data=inactive(vos))
    assert (saved.status_code, saved.location) == (303, left(vos))
    page = client.get(left(vos)).text
    assert "Er staat nog werk open" in page
    assert f'name="order" value="{order_id}" checked' in page

    nobody = client.post(left(vos), data={"order": str(order_id)})
    assert nobody.status_code == 422
    assert "Kies wie het werk overneemt" in nobody.text
    assert f'value="{order_id}" checked' in nobody.text
    nothing = client.post(left(vos), data={"worker_id": str(kim)})
    assert (nothing.status_code, "Kies een of meer werkbonnen" in nothing.text) == (422, True)
    himself = client.post(left(vos), data={"order": str(order_id), "worker_id": str(vos.worker_id)})
    assert himself.status_code == 422
    assert who_and_when(order_id) == ("planned", MONDAY, {"Wim Vos"})

    moved = client.post(left(vos), data={"order": str(order_id), "worker_id": str(kim)})
    assert (moved.status_code, moved.location) == (303, left(vos))
    assert who_and_when(order_id) == ("planned", MONDAY, {"Kim Blijft"})
    page = client.get(left(vos)).text
    assert "1 werkbon verplaatst" in page
    assert "Er staat niets meer open" in page
    assert "bij Kim Blijft" in client.get(f"/t/vos/work-orders/{order_id}").text, "it stands in its history"


def test_work_goes_back_to_the_backlog_but_what_was_begun_stays_until_it_is_given(
    client_as: Any, vos: SimpleNamespace
) -> None:
    order_id, begun, kim, client = planned(vos), planned(vos), colleague(), client_as("planner")
    work_orders.move(process("vos"), begun, "start")
    page = client.get(left(vos)).text
    assert f'value="{order_id}" checked' in page
    assert f'value="{begun}"><span>' in page, "it is there, and not ticked by itself"

    refused = client.post(left(vos), data={"order": [str(order_id), str(begun)], "to_backlog": "1"})
    assert refused.status_code == 422
    assert "is begonnen. Kies wie hem overneemt" in refused.text
    assert who_and_when(order_id) == ("planned", MONDAY, {"Wim Vos"}), "all or nothing"

    assert client.post(left(vos), data={"order": str(order_id), "to_backlog": "1"}).status_code == 303
    assert who_and_when(order_id) == ("draft", None, set())
    assert client.post(left(vos), data={"order": str(begun), "worker_id": str(kim)}).status_code == 303
    assert who_and_when(begun) == ("started", MONDAY, {"Kim Blijft"})


def test_who_goes_along_with_others_is_the_only_one_replaced(vos: SimpleNamespace) -> None:
    order_id, kim = planned(vos), colleague()
    piet = workers.create(process("vos"), WorkerInput("Piet"))
    with write_transaction() as session:
        visit = session.scalars(select(Visit).where(Visit.order_id == order_id)).one()
        visit.starts_at = time(8)
        session.add(VisitWorker(visit_id=visit.id, worker_id=piet))
    assert handing_over.hand_over(process("vos"), vos.worker_id, [order_id], kim) == 1
    assert who_and_when(order_id) == ("planned", MONDAY, {"Kim Blijft", "Piet"})
    assert handing_over.put_back(process("vos"), kim, [order_id]) == 1
    assert who_and_when(order_id) == ("planned", MONDAY, {"Piet"}), "somebody is left to go"


def test_nobody_overwrites_what_somebody_else_disposed_of(vos: SimpleNamespace) -> None:
    order_id, done, kim = planned(vos), planned(vos), colleague()
    work_orders.plan(process("vos"), order_id, MONDAY, kim, None, None)
    work_orders.move(process("vos"), done, "finish", MONDAY)
    assert handing_over.of(vos.worker_id).visits == ()
    assert handing_over.put_back(process("vos"), vos.worker_id, [order_id, done]) == 0
    assert who_and_when(order_id) == ("planned", MONDAY, {"Kim Blijft"})
    assert who_and_when(done) == ("done", MONDAY, {"Wim Vos"})
    assert handing_over.hand_over(process("vos"), kim, [order_id], vos.worker_id) == 1
    workers.edit(process("vos"), kim, WorkerInput("Kim Blijft", active=False))
    with pytest.raises(Refusal, match="staat op inactief"):
        handing_over.hand_over(process("vos"), vos.worker_id, [order_id], kim)


def test_a_form_of_before_is_refused_after_it(client_as: Any, vos: SimpleNamespace) -> None:
    order_id, kim = planned(vos), colleague()
    client = client_as("planner")
    form = client.get(f"/t/vos/planning/{order_id}").text
    opened = re.search(r'name="opened"[^>]* value="([^"]*)"', form)
    assert opened
    handing_over.hand_over(process("vos"), vos.worker_id, [order_id], kim)
    piet = workers.create(process("vos"), WorkerInput("Piet"))
    typed = {"planned_on": MONDAY.isoformat(), "worker_id": str(piet), "opened": opened[1]}
    answer = client.post(f"/t/vos/planning/{order_id}", data=typed)
    assert answer.status_code == 422
    assert "Kim Blijft" in answer.text


def test_more_than_a_page_is_done_in_pages(client_as: Any, vos: SimpleNamespace, monkeypatch: Any) -> None:
    monkeypatch.setattr(handing_over, "AT_ONCE", 2)
    for _n in range(3):
        planned(vos)
    page = client_as("planner").get(left(vos)).text
    assert "Dit zijn de eerste 2" in page
    assert page.count('name="order"') == 2


def test_the_work_of_a_member_who_is_removed_is_shown_too(client_as: Any, vos: SimpleNamespace) -> None:
    planned(vos)
    process("vos")
    wim = db.session.scalars(select(Worker).where(Worker.id == vos.worker_id)).one()
    assert wim.person_id is not None, "he logs in"
    removed = client_as("owner").post(f"/t/vos/settings/team/{wim.person_id}/remove")
    assert (removed.status_code, removed.location) == (303, left(vos))


def test_nothing_is_said_when_nothing_is_left(client_as: Any, vos: SimpleNamespace) -> None:
    saved = client_as("owner").post(f"/t/vos/settings/workers/{vos.worker_id}/edit", data=inactive(vos))
    assert saved.location == "/t/vos/settings/workers"


def test_the_board_leads_to_it(client_as: Any, vos: SimpleNamespace) -> None:
    planned(vos)
    workers.edit(process("vos"), vos.worker_id, WorkerInput("Wim Vos", active=False))
    assert f'href="{left(vos)}"' in client_as("planner").get("/t/vos/planning/?week=2026-W47").text
    assert f'href="{left(vos)}"' not in client_as("reader").get("/t/vos/planning/?week=2026-W47").text
