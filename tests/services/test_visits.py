"""Visits as the services keep them, and that board, backlog, own day and fence look them up by an index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from domain.permissions import WORKER, Actor
from models import OrderWorker, Visit, VisitWorker, WorkOrder
from services.orders import listing, planning, start, visits, work_orders
from services.transaction import write_transaction
from settings import Settings
from tenancy.database import Base, db
from tests.support import plans
from tests.support.cast import make_order, process
from tests.support.postgres import connection_string

MONDAY = date(2026, 11, 16)
PAST = 2000
GROWS = {"visit", "visit_worker", "order_worker"}


def planned(vos: SimpleNamespace, on: date | None, worker: UUID | None) -> UUID:
    """An order planned then, for this worker."""
    return make_order(process("vos"), None, state="planned", planned_on=on, worker_id=worker, executed_on=None)


def told(order_id: UUID) -> tuple[Any, ...]:
    """The states of its visits, who may see it, the day it is sorted by, whether it waits."""
    db.session.rollback()
    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
    visits.load(db.session(), [order])
    known = set(db.session.scalars(select(OrderWorker.worker_id).where(OrderWorker.order_id == order_id)))
    return [visit.state for visit in order.visits], known, order.planned_on, order.waits_since is not None


def test_what_the_order_repeats_follows_its_visit(vos: SimpleNamespace) -> None:
    order_id, actor, wim = planned(vos, None, None), process("vos"), vos.worker_id
    assert told(order_id) == ([], set(), None, True)
    work_orders.plan(actor, order_id, MONDAY, wim, None, None)
    assert told(order_id) == (["planned"], {wim}, MONDAY, False)
    steps = {"start": "working", "finish": "done", "resume": "working", "pause": "planned", "cancel": "not_done"}
    for verb, state in steps.items():
        work_orders.move(actor, order_id, verb, MONDAY if verb == "finish" else None)
        assert told(order_id) == ([state], {wim}, MONDAY, False), verb
    work_orders.move(actor, order_id, "revive")
    work_orders.plan(actor, order_id, None, None, None, None)
    assert told(order_id) == ([], set(), None, True)


def test_work_reported_without_having_been_planned_is_a_visit_of_its_day(vos: SimpleNamespace) -> None:
    order_id = make_order(process("vos"), None, worker_id=vos.worker_id, executed_on=MONDAY)
    assert told(order_id) == (["done"], {vos.worker_id}, MONDAY, False)


@pytest.fixture
def mechanic(vos: SimpleNamespace) -> Actor:
    """The worker of Vos, who has work behind and ahead; nobody has any of the rest."""
    for n in range(6):
        planned(vos, MONDAY + timedelta(days=n), vos.worker_id)
        planned(vos, None, None)
    return Actor(vos.tenant_id, "vos", "Vos", vos.person_id, "Wim", WORKER, vos.worker_id)


@pytest.fixture
def past(vos: SimpleNamespace, settings: Settings, template: SimpleNamespace, mechanic: Actor) -> None:
    """Years of work of the same worker, known to the planner."""
    long_ago = datetime(2019, 5, 1, tzinfo=UTC)
    with write_transaction() as session:
        rows: list[list[Base]] = [[], [], []]
        for n in range(PAST):
            made = {"created_at": long_ago, "changed_at": long_ago}
            order = WorkOrder(id=uuid7(), number=f"2019-{n:04d}", title="Oud", state="approved", **made)
            visit = Visit(id=uuid7(), order_id=order.id, day=long_ago.date() + timedelta(days=n), state="done")
            seen = OrderWorker(order_id=order.id, worker_id=vos.worker_id, year=2019, serial=n)
            rows[0].append(order)
            rows[1] += [visit, seen]
            rows[2].append(VisitWorker(visit_id=visit.id, worker_id=vos.worker_id))
        for parents_first in rows:
            session.add_all(parents_first)
            session.flush()
    if not settings.database_url.startswith("sqlite"):
        with psycopg.connect(connection_string(template.original.as_owner(settings.database_url))) as owner:
            owner.execute("ANALYZE")


def test_board_backlog_own_day_and_fence_are_looked_up(vos: SimpleNamespace, mechanic: Actor, past: None) -> None:
    order_id = planned(vos, MONDAY, vos.worker_id)
    questions = {
        "board": lambda: planning.week(MONDAY),
        "today": lambda: start.todays_visits(MONDAY),
        "own day": lambda: start.my_day(mechanic),
        "fence": lambda: work_orders.get(mechanic, order_id),
        "an order": lambda: work_orders.get(process("vos"), order_id),
        "list": lambda: listing.list_(process("vos"), listing.Filter()),
        "a move": lambda: work_orders.move(process("vos"), order_id, "start"),
    }
    used = set()
    for name, ask in questions.items():
        with plans.asked() as statements:
            ask()
        for statement, values in statements:
            for look in plans.looks(statement, values):
                used.add((name, look.index))
                assert look.table not in GROWS or look.by - {"tenant_id"}, f"{name}: {look} in {statement}"
    assert {
        ("board", "ix_visit_tenant_id_day"), ("board", "ix_work_order_backlog"), ("today", "ix_visit_tenant_id_day"),
        ("own day", "ix_visit_tenant_id_day"), ("own day", "ix_visit_tenant_id_state"),
    } <= used, used  # fmt: skip
    db.session.rollback()


def test_only_who_has_or_had_a_visit_sees_the_order(vos: SimpleNamespace, mechanic: Actor) -> None:
    mine, nobodys = planned(vos, MONDAY, vos.worker_id), planned(vos, MONDAY, None)
    assert work_orders.get(mechanic, mine) is not None
    assert work_orders.get(mechanic, nobodys) is None
    assert db.session.scalars(select(Visit.state).where(Visit.order_id == nobodys)).one() == "planned"
