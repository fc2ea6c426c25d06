"""Day, person and state go by one rule, whichever form or step brings them: making, changing, planning, moving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.message import Refusal
from domain.permissions import WORKER, Actor
from models import AuditEntry
from services.company import workers
from services.company.workers import WorkerInput
from services.orders import planning, start, work_orders
from services.orders.work_orders import OrderInput
from tenancy.database import db
from tests.support.cast import make_order, process

MONDAY, TUESDAY = date(2026, 11, 16), date(2026, 11, 17)
Way = Callable[[UUID, date | None, UUID | None], None]


def by_edit(order_id: UUID, day: date | None, worker_id: UUID | None) -> None:
    """The whole form, with the rest of the order as it is."""
    order = work_orders.get(process("vos"), order_id)
    assert order is not None
    typed = OrderInput(order.title, order.relation_id, planned_on=day, worker_id=worker_id)
    work_orders.edit(process("vos"), order_id, replace(typed, executed_on=order.executed_on))


def by_plan(order_id: UUID, day: date | None, worker_id: UUID | None) -> None:
    """The planning's form, which asks both or neither."""
    work_orders.plan(process("vos"), order_id, day, worker_id, None, None)


def new(day: date | None = None, worker_id: UUID | None = None, state: str = "draft") -> UUID:
    """An order that was not executed, made with or without a day and a person."""
    return make_order(process("vos"), None, state, planned_on=day, worker_id=worker_id, executed_on=None)


def state_of(order_id: UUID) -> str:
    """The order's state as it is kept; on the board exactly when it is planned."""
    db.session.rollback()
    order = work_orders.get(process("vos"), order_id)
    assert order is not None
    on_board = {visit.order_id for row in planning.week(MONDAY).rows for day in row.days for visit in day}
    if order.state in {"draft", "planned"}:
        assert (order_id in on_board) == (order.state == "planned")
    return order.state


def trail(order_id: UUID) -> list[dict[str, Any]]:
    """What the trail says of its planning."""
    query = select(AuditEntry.data).where(AuditEntry.event == "work_order.planned", AuditEntry.subject_id == order_id)
    return list(db.session.scalars(query.order_by(AuditEntry.at, AuditEntry.id)))


def leaves(worker_id: UUID) -> None:
    """Medewerker on inactive."""
    worker = workers.get(worker_id)
    workers.edit(process("vos"), worker_id, WorkerInput(worker.name, worker.colour, False, worker.person_id))


@pytest.mark.parametrize("way", [by_edit, by_plan])
def test_a_day_and_a_person_plan_it_and_taking_one_away_puts_it_back(vos: SimpleNamespace, way: Way) -> None:
    order_id = new()
    assert state_of(order_id) == "draft"
    way(order_id, MONDAY, vos.worker_id)
    assert state_of(order_id) == "planned"
    assert [(data["on"], data["worker"] != "-") for data in trail(order_id)] == [({"day": "2026-11-16"}, True)]
    mechanic = Actor(vos.tenant_id, "vos", "Vos", vos.person_id, "Wim", WORKER, vos.worker_id)
    work_orders.move(mechanic, order_id, "start")
    work_orders.move(mechanic, order_id, "pause")
    way(order_id, None, None)
    assert state_of(order_id) == "draft"
    assert len(trail(order_id)) == 2


@pytest.mark.parametrize(("day", "who"), [(MONDAY, False), (None, True), (None, False)])
def test_half_a_plan_through_the_whole_form_is_no_plan(vos: SimpleNamespace, day: date | None, who: bool) -> None:
    made = new(day, vos.worker_id if who else None)
    assert state_of(made) == "draft"
    planned = new(MONDAY, vos.worker_id)
    assert state_of(planned) == "planned"
    by_edit(planned, day, vos.worker_id if who else None)
    assert state_of(planned) == "draft"


@pytest.mark.parametrize(("verbs", "state"), [(("start",), "started"), (("finish",), "done")])
def test_what_was_begun_or_done_stays_so_whatever_is_planned(
    vos: SimpleNamespace, verbs: tuple[str, ...], state: str
) -> None:
    order_id = new(MONDAY, vos.worker_id)
    for verb in verbs:
        work_orders.move(process("vos"), order_id, verb, MONDAY)
    by_edit(order_id, TUESDAY, vos.worker_id)
    assert state_of(order_id) == state
    by_edit(order_id, None, None)
    assert state_of(order_id) == state


def test_an_order_that_is_saved_with_its_plan_as_it_was_has_no_line_about_it(vos: SimpleNamespace) -> None:
    order_id = new(MONDAY, vos.worker_id)
    by_edit(order_id, MONDAY, vos.worker_id)
    assert len(trail(order_id)) == 1


def test_a_revived_order_stands_where_it_stood(vos: SimpleNamespace) -> None:
    for day, worker, state in ((MONDAY, vos.worker_id, "planned"), (None, None, "draft")):
        order_id = new(day, worker)
        for verb in ("cancel", "revive"):
            work_orders.move(process("vos"), order_id, verb)
        assert state_of(order_id) == state


@pytest.mark.parametrize("way", [by_edit, by_plan])
def test_who_left_is_given_no_work_and_keeps_what_names_him(vos: SimpleNamespace, way: Way) -> None:
    open_one, his, cancelled = new(), new(MONDAY, vos.worker_id), new(MONDAY, vos.worker_id, "cancelled")
    done = make_order(process("vos"), None, worker_id=vos.worker_id)
    leaves(vos.worker_id)
    for order_id, day in ((open_one, MONDAY), (his, TUESDAY)):
        with pytest.raises(Refusal) as refused:
            way(order_id, day, vos.worker_id)
        assert refused.value.field == "worker_id"
        assert "inactief" in str(refused.value.message)
    assert state_of(open_one) == "draft"
    way(his, MONDAY, vos.worker_id)
    assert state_of(his) == "planned"
    by_edit(done, TUESDAY, vos.worker_id)
    work_orders.move(process("vos"), cancelled, "revive")
    assert state_of(cancelled) == "draft"
    assert start.my_day(Actor(vos.tenant_id, "vos", "Vos", vos.person_id, "Wim", WORKER, vos.worker_id)) is not None
