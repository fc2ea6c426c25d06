"""A worker who left: nobody plans him any more, and he stays to be found where orders name him."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from services.company import workers
from services.company.workers import WorkerInput
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
