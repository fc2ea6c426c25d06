"""Bulk: many orders, one press each, through the same protocol; rows are the truth, a dead worker costs only time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from domain import bulk as rules
from domain import posting as states
from domain.message import NOTHING, Refusal, msg
from domain.notes import note
from gateways.queue import make_queue, waker
from jobs.lanes import Lanes
from jobs.patience import Patience
from jobs.schedule import schedule
from models import AuditEntry, BulkItem, BulkJob, Connection, Relation, WorkOrder
from services.company import tenants
from services.invoicing import bulk, bulk_preview, press
from services.orders import work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import line, make_order, process
from tests.support.lanes import finished, patient
from tests.support.redis_process import running_redis
from tests.support.sandbox_process import Sandbox


def numbers(sandbox: Sandbox) -> list[str]:
    """The invoice numbers in the books."""
    return sorted(invoice["Factuurnummer"] for invoice in sandbox.invoices("demo"))


def orders(vos: SimpleNamespace, count: int) -> list[UUID]:
    """So many executed orders of the one customer."""
    return [make_order(vos.actor, vos.relation_id) for _ in range(count)]


def seen(order_ids: list[UUID]) -> list[tuple[UUID, int]]:
    """The orders with the version that a preview would show now."""
    rows = db.session.execute(select(WorkOrder.id, WorkOrder.version).where(WorkOrder.id.in_(order_ids)))
    versions = dict(rows.all())
    return [(order_id, versions[order_id]) for order_id in order_ids]


def job_of(vos: SimpleNamespace, order_ids: list[UUID]) -> UUID:
    """A running job of these orders."""
    return bulk.start(vos.deps, vos.actor, seen(order_ids))


def shown(job_id: UUID) -> list[str]:
    """The states of the rows, in order."""
    db.session.rollback()
    return [row.state for row in bulk.progress(job_id).rows]


@contextmanager
def queue_of(storage: str, folder: Path) -> Iterator[str]:
    """The QUEUE_URL of a queue of this kind."""
    if storage == "sqlite":
        yield f"sqlite:///{folder / 'wake.sqlite3'}"
        return
    with running_redis(folder) as server:
        yield server.url


def test_the_preview_adds_up_per_customer_and_says_what_holds_orders_back(vos: SimpleNamespace) -> None:
    with write_transaction() as session:
        other = Relation(code="9902", name="Aardema", city="Waterveen")
        session.add(other)
        session.flush()
        other_id = other.id
    two = orders(vos, 2)
    third = make_order(vos.actor, other_id, lines=(line(price=Decimal(10)),))
    blocked = make_order(vos.actor, vos.relation_id, lines=(line(vat_code=""),))
    early = make_order(vos.actor, vos.relation_id, state="draft")
    free = make_order(vos.actor, vos.relation_id)
    work_orders.set_billable(vos.actor, free, "garantie")

    look = bulk_preview.look(vos.deps, [*two, third, blocked, early, free])

    assert [(row.name, row.orders, row.incl) for row in look.customers] == [
        ("Aardema", 1, Decimal("24.20")), ("Familie Voorbeeld", 2, Decimal("302.50")),
    ]  # fmt: skip
    assert (look.total.orders, look.total.excl, look.total.incl) == (3, Decimal(270), Decimal("326.70"))
    assert {row.order.id for row in look.held} == {blocked, early, free}
    assert [row.blockers[0].key for row in look.held if row.blockers] == ["vat"]
    assert look.total.name == ""
    assert look.can_start
    assert [found in bulk_preview.executed() for found in (*two, blocked, early, free)] == [
        True, True, True, False, False,
    ]  # fmt: skip
    numbered = db.session.execute(select(WorkOrder.id, WorkOrder.number).order_by(WorkOrder.number)).all()
    assert bulk_preview.executed() == [one.id for one in numbered if one.id in set(bulk_preview.executed())]


def test_five_orders_become_five_invoices_and_twice_makes_no_more(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 5))
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 5
    assert shown(job_id) == [states.POSTED] * 5
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 0
    assert len(numbers(sandbox)) == 5
    assert bulk.progress(job_id).job.state == rules.FINISHED
    assert bulk.unfinished() == []


def test_the_trail_names_who_started_it_on_every_order(vos: SimpleNamespace) -> None:
    ids = orders(vos, 2)
    starter = SimpleNamespace(id=UUID(int=7), name="Petra Planner")
    actor = vos.actor.__class__(**{**vars(vos.actor), "person_id": starter.id, "person_name": starter.name})
    job_id = bulk.start(vos.deps, actor, seen(ids))
    bulk.carry_out(vos.deps, vos.actor, job_id)
    said = db.session.scalars(select(AuditEntry).where(AuditEntry.person_id == starter.id)).all()
    assert [row.event for row in said].count("work_order.moved") == 2
    assert [row.event for row in said].count("invoice.posted") == 2
    assert "bulk.started" in {row.event for row in said}


def test_how_soon_it_is_worth_looking_again_follows_from_what_still_moves(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    job_id = job_of(vos, orders(vos, 2))
    waiting = bulk.progress(job_id)
    assert (waiting.every, waiting.settled, waiting.counts) == (2, 0, (("waiting", 2),))
    assert [row.text for row in waiting.rows] == [NOTHING] * 2
    bulk._take(vos.deps, vos.actor, job_id)
    bulk.stop(vos.actor, job_id)
    stopped = bulk.progress(job_id)
    assert stopped.every == 2, "somebody holds one"
    assert stopped.job.reason == note("bulk.stopped_by", who=vos.actor.person_name)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    other = job_of(vos, orders(vos, 1))
    bulk.carry_out(vos.deps, vos.actor, other)
    assert (shown(other), bulk.progress(other).every) == ([states.UNCERTAIN], 15)
    assert {job.id for job in bulk.recent()} >= {job_id, other}
    assert bulk.recent()[0].id == other


def test_a_double_press_follows_the_one_job(vos: SimpleNamespace) -> None:
    wanted = seen(orders(vos, 3))
    assert bulk.start(vos.deps, vos.actor, wanted) == bulk.start(vos.deps, vos.actor, wanted)


def test_a_stopped_job_leaves_the_rest_executed(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    ids = orders(vos, 4)
    job_id = job_of(vos, ids)
    pressed = iter((False, False, True))
    bulk.carry_out(vos.deps, vos.actor, job_id, halt=lambda: next(pressed))
    bulk.stop(vos.actor, job_id)
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 0
    assert shown(job_id) == [states.POSTED, states.POSTED, "left", "left"]
    assert [order.id for order in bulk.progress(job_id).left] == ids[2:]
    assert len(numbers(sandbox)) == 2


def test_a_broken_connection_stops_the_job_with_the_reason(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 4))
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "E001.1", "text": "nee"}])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    found = bulk.progress(job_id)
    assert found.job.state == rules.STOPPED
    assert "verbroken" in str(found.job.reason)
    assert "E001" in str(found.job.reason)
    stopped = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "bulk.stopped")).one()
    assert (stopped.subject_id, stopped.person_name) == (job_id, "Crafter")
    assert shown(job_id)[1:] == ["left"] * 3
    assert numbers(sandbox) == []


def test_who_changed_an_order_that_waits_for_the_limit_gets_it_passed_over(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    ids = orders(vos, 2)
    job_id = job_of(vos, ids)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "E003.3"}])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    with write_transaction() as session:
        session.scalars(select(WorkOrder).where(WorkOrder.id == ids[0])).one().version += 1
    resume(vos)
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert shown(job_id)[1] == states.POSTED
    assert len(numbers(sandbox)) == 1


def resume(vos: SimpleNamespace) -> None:
    """The limit is over."""
    process("vos")
    with write_transaction() as session:
        session.scalars(select(Connection)).one().paused_until = None


def test_when_nothing_can_be_reached_the_job_stops_after_three(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 5))
    sandbox.stop()
    try:
        bulk.carry_out(vos.deps, vos.actor, job_id)
    finally:
        sandbox.start()
    assert bulk.progress(job_id).job.reason == bulk.UNREACHABLE
    assert shown(job_id) == [states.NOT_SENT] * 3 + ["left"] * 2


def test_two_misses_are_no_reason_to_stop_and_three_in_a_row_are(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    unreachable = {"operation": "OpenSession", "kind": "reset_before"}
    for times, came in ((2, [states.NOT_SENT] * 2 + [states.POSTED] * 2), (3, [states.NOT_SENT] * 3 + ["left"])):
        job_id = job_of(vos, orders(vos, 4))
        vos.deps.bookkeeping.forget(vos.tenant_id)
        sandbox.mischief("demo", [unreachable | {"times": times}])
        bulk.carry_out(vos.deps, vos.actor, job_id)
        assert shown(job_id) == came
    assert bulk.progress(job_id).job.reason == bulk.UNREACHABLE
    ends = select(AuditEntry).where(AuditEntry.event.in_(("bulk.finished", "bulk.stopped")))
    stopped, finished = sorted(db.session.scalars(ends), key=lambda one: one.event != "bulk.stopped")
    assert (stopped.subject_id, stopped.person_name, finished.person_name) == (job_id, "Crafter", "Test")
    assert db.session.scalars(select(BulkJob).where(BulkJob.id == finished.subject_id)).one().state == rules.FINISHED


def test_an_order_that_gets_no_invoice_is_done_without_one(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    free, fine = orders(vos, 2)
    work_orders.set_billable(vos.actor, free, "garantie")
    job_id = job_of(vos, [free, fine])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    rows = bulk.progress(job_id).rows
    assert [(row.order.id, row.state, row.number) for row in rows] == [
        (free, "not_billable", ""), (fine, states.POSTED, numbers(sandbox)[0]),
    ]  # fmt: skip


def test_a_refused_invoice_is_shown_and_the_rest_goes_on(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 3))
    rule = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "mag niet", "times": 1}
    sandbox.mischief("demo", [rule])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert shown(job_id) == [states.REFUSED, states.POSTED, states.POSTED]
    found = bulk.progress(job_id)
    assert [str(row.text) for row in found.rows] == ["CFACT025 mag niet", "", ""]
    assert [row.number for row in found.rows][1:] == numbers(sandbox)
    assert (found.settled, found.counts, found.left, found.every) == (3, (("posted", 2), ("refused", 1)), (), 0)


def test_an_order_that_changed_since_the_preview_is_passed_over_with_the_reason(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    moved, changed, fine = orders(vos, 3)
    job_id = job_of(vos, [moved, changed, fine])
    work_orders.move(vos.actor, moved, "resume")
    with write_transaction() as session:
        session.scalars(select(WorkOrder).where(WorkOrder.id == changed)).one().version += 1
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert shown(job_id) == ["skipped", "skipped", states.POSTED]
    assert "in uitvoering" in str(bulk.progress(job_id).rows[0].text)
    assert "gewijzigd" in str(bulk.progress(job_id).rows[1].text)
    assert len(numbers(sandbox)) == 1


@pytest.mark.parametrize("died_after_the_press", [False, True])
def test_the_item_of_a_killed_worker_is_taken_again_after_its_lease(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None], died_after_the_press: bool
) -> None:
    job_id = job_of(vos, orders(vos, 2))
    taken = bulk._take(vos.deps, vos.actor, job_id)  # the worker that is killed: it never writes what came of it
    assert taken is not None
    if died_after_the_press:
        press.approve(vos.deps, vos.actor, taken.order_id)

    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 1  # the lease holds: only the other one
    assert bulk.unfinished() == [job_id]
    leap(vos.deps.settings.times.lease + timedelta(milliseconds=1))
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 1

    assert shown(job_id) == [states.POSTED] * 2
    assert len(numbers(sandbox)) == 2
    assert bulk.unfinished() == []


def test_a_late_worker_does_not_write_over_the_one_that_took_over(
    vos: SimpleNamespace, leap: Callable[[timedelta], None]
) -> None:
    job_id = job_of(vos, orders(vos, 1))
    late = bulk._take(vos.deps, vos.actor, job_id)
    assert late is not None
    leap(vos.deps.settings.times.lease + timedelta(milliseconds=1))
    bulk.carry_out(vos.deps, vos.actor, job_id)
    bulk._settle_item(late, rules.SKIPPED, "", msg("te laat"))
    assert db.session.scalars(select(BulkItem).where(BulkItem.job_id == job_id)).one().state == rules.DONE


@patient
def test_two_lanes_share_a_job_and_press_every_order_once(app: Flask, vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 6))
    tenants.leave()
    lanes = Lanes(app, vos.deps)
    lanes.start_all()
    lanes.start(vos.tenant_id)
    finished(lanes)
    process("vos")
    assert shown(job_id) == [states.POSTED] * 6
    assert len(sandbox.calls("demo", "AddFactuur")) == 6
    assert db.session.scalars(select(BulkJob).where(BulkJob.id == job_id)).one().state == rules.FINISHED


@patient
def test_a_slow_administration_keeps_no_other_waiting(app: Flask, vos: SimpleNamespace, cast: SimpleNamespace,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    release, other_ran = threading.Event(), threading.Event()

    def carry_out(_deps: object, actor: SimpleNamespace, *_rest: object, **_more: object) -> int:
        if actor.tenant_slug == "vos":
            release.wait(60)
        else:
            other_ran.set()
        return 0

    monkeypatch.setattr(bulk, "unfinished", lambda: [UUID(int=1)])
    monkeypatch.setattr(bulk, "carry_out", carry_out)
    tenants.leave()
    lanes = Lanes(app, vos.deps)
    lanes.start(cast.vos.tenant_id)
    lanes.start(cast.buur.tenant_id)
    try:
        assert other_ran.wait(60)
    finally:
        release.set()
        finished(lanes)


@pytest.mark.parametrize("storage", ["sqlite", "redis"])
def test_a_wake_up_reaches_the_worker_through_the_queue(
    app: Flask, vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, storage: str
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(Lanes, "start", lambda _self, tenant_id: woken.append(tenant_id))
    with queue_of(storage, tmp_path) as url:
        waker(url)(42)
        queue = make_queue(url)
        schedule(queue, app, vos.deps, Patience())
        task = queue.dequeue()
        assert task is not None
        queue.execute(task)
        assert queue.dequeue() is None
    assert woken == [42]


def test_a_wake_up_that_fails_loses_nothing(vos: SimpleNamespace) -> None:
    waker("amqp://nowhere")(1)  # does not raise
    assert bulk.unfinished() == []


def test_nothing_is_started_without_an_active_link_or_without_orders(vos: SimpleNamespace) -> None:
    from services.link import connection

    ids = orders(vos, 1)
    with pytest.raises(Refusal):
        bulk.start(vos.deps, vos.actor, [])
    with pytest.raises(LookupError):
        bulk.start(vos.deps, vos.actor, [(UUID(int=9), 1)])
    connection.switch_feature(vos.actor, False)
    with pytest.raises(Refusal):
        bulk.start(vos.deps, vos.actor, seen(ids))
    assert bulk.unfinished() == []
