"""Long lists: what does not fit into one answer is read by the worker, one run of a kind at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.message import NOTHING, Refusal
from gateways.bookkeeping import Credentials, GoOn, RelationRows, RemoteRelation, Unreachable
from jobs.lanes import Lanes
from models import AuditEntry, Connection, Relation, SyncRun
from services.catalogue import articles, connecting, relations, waiting_runs
from services.company import tenants
from services.link import runs
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.services.test_sync import remote
from tests.support.cast import process
from tests.support.lanes import finished, patient
from tests.support.sandbox_process import Sandbox

ROWS = tuple(remote(n, str(5000 + n)) for n in range(1, 41))


class Slow:
    """A bookkeeping whose list takes `calls` calls; `during` happens before the last one."""

    def __init__(self, calls: int = 5, during: Callable[[], object] = lambda: None) -> None:
        self.calls = calls
        self.during = during

    def relations(self, credentials: Credentials, go_on: GoOn) -> RelationRows:
        for number in range(1, self.calls):
            if number == self.calls - 1:
                self.during()
            if not go_on(number, number * 8):
                return RelationRows(ROWS[: number * 8], complete=False, calls=number, stopped=True)
            assert not db.session().in_transaction()
        return RelationRows(ROWS, complete=True, calls=self.calls)

    articles = relations

    def relation(self, credentials: Credentials, code: str) -> RemoteRelation | None:
        return None

    article = relation


def with_books(vos: SimpleNamespace, books: object) -> Any:
    return replace(vos.deps, bookkeeping=books)


def the_run() -> SyncRun:
    db.session.rollback()
    return db.session.scalars(select(SyncRun).order_by(SyncRun.started_at.desc()).limit(1)).one()


@pytest.fixture
def beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every beat is written, however soon after the one before."""
    monkeypatch.setattr(runs, "_BEAT", 0.0)


def test_what_fits_into_one_answer_is_there_at_once(sandbox: Sandbox, vos: SimpleNamespace) -> None:
    run = relations.sync_now(vos.deps, vos.actor)
    assert (run.error, run.complete, run.calls) == (NOTHING, True, 1)
    assert run.finished_at
    assert run.found == len(sandbox.relations("demo"))
    assert not runs.waiting()


@patient
@pytest.mark.slow
def test_a_long_list_goes_to_the_worker_which_reads_it_to_the_end(
    app: Flask, sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    sandbox.relations("demo", {"generate": 2100})
    woken: list[int] = []
    calls = len(sandbox.calls("demo", "GetRelaties"))
    run = relations.sync_now(replace(vos.deps, wake=woken.append), vos.actor)
    assert (run.finished_at, run.lease_until, woken) == (None, None, [vos.tenant_id])
    assert len(sandbox.calls("demo", "GetRelaties")) == calls + 1
    tenants.leave()
    lanes = Lanes(app, vos.deps)
    lanes.start_all()
    finished(lanes)
    process("vos")
    done = the_run()
    assert (done.error, done.complete, done.by) == (NOTHING, True, vos.actor.person_name)
    assert done.finished_at
    assert done.added >= 2100
    assert done.found == len(sandbox.relations("demo"))
    assert done.calls == len(sandbox.calls("demo", "GetRelaties")) - calls - 1 > 1


def test_how_far_it_is_can_be_read_while_it_goes_on(vos: SimpleNamespace, beats: None) -> None:
    seen: list[tuple[int, int, bool]] = []

    def look() -> None:
        run = runs.under_way("relations")
        assert run
        seen.append((run.calls, run.found, run.lease_until is not None))
        db.session.rollback()

    run = relations.sync(with_books(vos, Slow(during=look)), vos.actor)
    assert seen == [(3, 24, True)]
    assert (run.found, run.added) == (40, 40)
    assert run.calls > 5, "who is gone was asked for by code"
    assert runs.under_way("relations") is None


def test_two_runs_of_a_kind_at_once_are_impossible(vos: SimpleNamespace, beats: None) -> None:
    told: list[Any] = []

    def press() -> None:
        told.append(relations.sync_now(vos.deps, vos.actor).id)
        with pytest.raises(Refusal, match="wordt al opgehaald"):
            relations.sync(vos.deps, vos.actor)
        assert runs.waiting() == []
        told.append(articles.sync_now(vos.deps, vos.actor).finished_at)

    run = relations.sync(with_books(vos, Slow(during=press)), vos.actor)
    assert told[0] == run.id
    assert told[1], "articles are read beside relations"
    with pytest.raises(IntegrityError):
        two_rows()


def two_rows() -> None:
    with write_transaction() as session:
        now = database_now(session)
        session.add_all([SyncRun(what="relations", started_at=now), SyncRun(what="relations", started_at=now)])


def test_a_run_whose_process_died_is_taken_up_by_the_worker_in_the_name_of_who_started_it(
    vos: SimpleNamespace,
) -> None:
    somebody = replace(vos.actor, person_name="Petra Planner")
    assert runs.begin(vos.deps, somebody, "relations")
    assert not runs.waiting()
    with write_transaction() as session:
        session.scalars(select(SyncRun).where(SyncRun.finished_at.is_(None))).one().lease_until = database_now(
            session
        ) - timedelta(seconds=1)
    assert runs.waiting()
    waiting_runs.carry_out(vos.deps, vos.actor)
    run = the_run()
    assert (run.error, run.by) == (NOTHING, "Petra Planner")
    assert run.finished_at
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "relations.synced")
                               .order_by(AuditEntry.at.desc()).limit(1)).one()  # fmt: skip
    assert entry.person_name == "Petra Planner"


def test_who_fell_silent_and_was_replaced_writes_nothing(vos: SimpleNamespace, beats: None) -> None:
    def replaced() -> None:
        with write_transaction() as session:
            run = session.scalars(select(SyncRun).where(SyncRun.finished_at.is_(None))).one()
            run.lease_until = database_now(session) + timedelta(seconds=33)

    runs.queue(vos.deps, vos.actor, "relations")
    before = len(db.session.scalars(select(Relation.id)).all())
    waiting_runs.carry_out(with_books(vos, Slow(during=replaced)), vos.actor)
    assert the_run().finished_at is None
    assert len(db.session.scalars(select(Relation.id)).all()) == before


def test_a_worker_that_ends_leaves_the_run_for_the_next(vos: SimpleNamespace) -> None:
    runs.queue(vos.deps, vos.actor, "relations")
    waiting_runs.carry_out(with_books(vos, Slow()), vos.actor, halt=lambda: the_run().lease_until is not None)
    assert (the_run().finished_at, the_run().lease_until) == (None, None)
    waiting_runs.carry_out(with_books(vos, Slow()), vos.actor)
    assert the_run().added == 40


class Broken:
    """A bookkeeping that answers with trouble."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def relations(self, credentials: Credentials, go_on: GoOn) -> RelationRows:
        raise self.error

    relation = articles = article = relations

    def explain(self, code: str) -> None:
        return None


def test_a_run_in_the_worker_that_fails_says_why(vos: SimpleNamespace) -> None:
    runs.queue(vos.deps, vos.actor, "relations")
    waiting_runs.carry_out(with_books(vos, Broken(Unreachable("weg"))), vos.actor)
    assert (str(the_run().error), the_run().complete) == ("weg", False)
    assert the_run().finished_at
    runs.queue(vos.deps, vos.actor, "relations")
    with pytest.raises(ZeroDivisionError):
        waiting_runs.carry_out(with_books(vos, Broken(ZeroDivisionError())), vos.actor)
    assert the_run().error == runs.OUR_FAULT
    assert not runs.waiting()


def test_a_link_that_is_undone_or_changed_meanwhile_ends_the_run_with_the_reason(vos: SimpleNamespace) -> None:
    def other() -> None:
        with write_transaction() as session:
            session.scalars(select(Connection)).one().version += 1

    runs.queue(vos.deps, vos.actor, "relations")
    waiting_runs.carry_out(with_books(vos, Slow(during=other)), vos.actor)
    assert the_run().error == runs.LINK_CHANGED
    runs.queue(vos.deps, vos.actor, "relations")
    with write_transaction() as session:
        session.scalars(select(Connection)).one().state = "inactive"
    waiting_runs.carry_out(vos.deps, vos.actor)
    assert the_run().error == runs.LINK_CHANGED
    assert the_run().finished_at


def test_starting_the_link_of_a_large_administration_leaves_the_lists_to_the_worker(
    sandbox: Sandbox, vos: SimpleNamespace
) -> None:
    sandbox.relations("demo", {"generate": 2100})
    started = connecting.start(vos.deps, vos.actor)
    assert (started.ok, started.later, started.relations_why) == (True, ("relations",), NOTHING)
    assert started.articles > 0
    assert [run.what for run in runs.waiting()] == ["relations"]


def test_beats_are_written_once_a_second(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(runs, "time", SimpleNamespace(monotonic=lambda: now))
    hold = runs.begin(vos.deps, vos.actor, "relations")
    assert hold
    assert hold.beat(1, 10)
    assert the_run().calls == 0
    now += 1.05
    assert hold.beat(2, 20)
    assert hold.beat(3, 30)
    assert (the_run().calls, the_run().found, hold.calls) == (2, 20, 4)
