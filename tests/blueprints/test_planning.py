"""The planning on the screen: the week, the backlog, and the form that plans or moves."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from services.orders import planning, work_orders
from tenancy.database import db
from tests.support import cast as cast_of
from tests.support.cast import make_order
from tests.support.client import without_tokens

BOARD = "/t/vos/planning/?week=2026-W47"
MONDAY = date(2026, 11, 16)


def order(vos: SimpleNamespace, title: str, on: date | None, **fields: object) -> Any:
    """The id of an order planned on a day with the worker of Vos, or of one in the backlog."""
    given = {"planned_on": on, "worker_id": vos.worker_id if on else None, "executed_on": None} | fields
    return make_order(cast_of.process("vos"), vos.relation_id, state="planned", title=title, **given)


def found(order_id: Any) -> Any:
    """The order as it is kept now."""
    return work_orders.get(cast_of.process("vos"), order_id)


def plan(client: Any, order_id: Any, **typed: object) -> Any:
    """Send the form."""
    return client.post(f"/t/vos/planning/{order_id}", data=typed)


def test_the_week_shows_orders_with_their_worker_and_the_backlog_beside_it(
    client_as: Any, vos: SimpleNamespace
) -> None:
    order(vos, "Ketel vervangen", MONDAY, planned_hours=Decimal("2.5"), planned_from=time(7, 30))
    order(vos, "Nog te plannen", None)
    page = client_as("reader").get(BOARD).text
    board, backlog = page.split('id="backlog"')
    assert "Ketel vervangen" in board
    assert "07:30" in board
    assert "2,5 van 40 uur" in board
    assert "Nog te plannen" in backlog
    assert "Nog te plannen" not in board
    assert "Verplaats" not in page


def test_saturday_appears_only_when_something_is_planned_there(client_as: Any, vos: SimpleNamespace) -> None:
    client = client_as("planner")
    order(vos, "Doordeweeks", MONDAY)
    assert "za 21" not in client.get(BOARD).text
    order(vos, "Storing", date(2026, 11, 21))
    page = client.get(BOARD).text
    assert "za 21" in page
    assert "zo 22" not in page


def test_cancelled_work_is_nowhere_and_open_work_is_in_exactly_one_place(vos: SimpleNamespace) -> None:
    ids = [order(vos, "Gepland", MONDAY), order(vos, "Zonder dag", None)]
    ids.append(order(vos, "Zonder medewerker", MONDAY, worker_id=None))
    gone = order(vos, "Afgezegd", MONDAY)
    work_orders.move(cast_of.process("vos"), gone, "cancel")
    week = planning.week(MONDAY)
    on_board = [visit.order_id for worker in week.rows for day in worker.days for visit in day]
    waiting = [row.id for row in week.waiting]
    assert on_board == [ids[0], vos.order_id]  # the one of the cast was done that week without having been planned
    assert sorted(waiting) == sorted(ids[1:])


@pytest.mark.parametrize("query", ["week=onzin", "week=2026-W60", "day=morgen", "week=0000-W01"])
def test_a_week_that_is_none_shows_the_present_one(client_as: Any, query: str) -> None:
    assert client_as("planner").get(f"/t/vos/planning/?{query}").status_code == 200


def test_an_order_is_planned_from_the_backlog_and_put_back(client_as: Any, vos: SimpleNamespace) -> None:
    order_id, client = order(vos, "Nog te plannen", None), client_as("planner")
    typed = {
        "planned_on": "2026-11-19",
        "planned_from": "9:15",
        "planned_hours": "1,5",
        "worker_id": str(vos.worker_id),
    }
    answer = plan(client, order_id, **typed)
    assert (answer.status_code, answer.location) == (303, "/t/vos/planning/?week=2026-W47&day=2026-11-19")
    kept = found(order_id)
    assert (kept.state, kept.planned_on, kept.planned_from, kept.planned_hours, kept.worker_id) == (
        "planned", date(2026, 11, 19), time(9, 15), Decimal("1.5"), vos.worker_id,
    )  # fmt: skip
    assert plan(client, order_id, planned_hours="1,5", to_backlog="1").status_code == 303
    kept = found(order_id)
    assert (kept.state, kept.planned_on, kept.worker_id, kept.planned_hours) == ("draft", None, None, Decimal("1.5"))


def test_wrong_input_comes_back_as_typed_and_changes_nothing(client_as: Any, vos: SimpleNamespace) -> None:
    order_id, client = order(vos, "Nog te plannen", None), client_as("planner")
    answer = plan(client, order_id, planned_on="19 november", planned_hours="anderhalf", worker_id=str(vos.worker_id))
    assert answer.status_code == 422
    for typed in ('value="19 november"', 'value="anderhalf"', f'name="worker_id" value="{vos.worker_id}"'):
        assert typed in answer.text
    refused = plan(client, order_id, planned_on="2026-11-19", planned_hours="2", worker_id="")
    assert refused.status_code == 422
    assert 'id="worker_id-error"' in refused.text
    assert "Kies wie het werk doet" in refused.text
    assert found(order_id).state == "draft"


def test_another_companys_worker_is_refused_beside_the_field(
    client_as: Any, vos: SimpleNamespace, cast: SimpleNamespace
) -> None:
    order_id = order(vos, "Nog te plannen", None)
    answer = plan(client_as("planner"), order_id, planned_on="2026-11-19", worker_id=str(cast.buur.worker_id))
    assert answer.status_code == 422
    assert "bestaat niet meer" in answer.text
    assert found(order_id).worker_id is None


def test_executed_work_is_not_moved(client_as: Any, vos: SimpleNamespace) -> None:
    answer = plan(client_as("planner"), vos.order_id, planned_on="2026-11-19", worker_id=str(vos.worker_id))
    assert answer.status_code == 422
    assert "kan niet meer verplaatst worden" in answer.text


@pytest.mark.parametrize(("who", "board", "form"), [("reader", 200, 403), ("worker", 403, 403), ("office", 200, 200)])
def test_who_may_see_and_who_may_plan(client_as: Any, vos: SimpleNamespace, who: str, board: int, form: int) -> None:
    order_id, client = order(vos, "Nog te plannen", None), client_as(who)
    assert client.get(BOARD).status_code == board
    assert client.get(f"/t/vos/planning/{order_id}").status_code == form
    sent = plan(client, order_id, planned_on="2026-11-19", worker_id=str(vos.worker_id)).status_code
    assert sent == (303 if form == 200 else 403)


def test_board_and_form_are_the_same_alone_and_inside_their_page(client_as: Any, vos: SimpleNamespace) -> None:
    client, order_id = client_as("planner"), order(vos, "Nog te plannen", None)
    for url in (BOARD, f"/t/vos/planning/{order_id}"):
        fragment = client.htmx_get(url).text.strip()
        assert "<html" not in fragment
        assert without_tokens(fragment) in without_tokens(client.get(url).text)


def test_more_orders_ask_no_more_queries(vos: SimpleNamespace) -> None:
    def queries() -> int:
        cast_of.process("vos")
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            week = planning.week(MONDAY)
            _ = [
                (one.order.relation and one.order.relation.name) for row in week.rows for day in row.days for one in day
            ]
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    order(vos, "Eerste", MONDAY)
    order(vos, "Wacht", None)
    few = queries()
    for day in range(5):
        order(vos, "Meer", date(2026, 11, 16 + day))
        order(vos, "Wacht", None)
    assert queries() == few
