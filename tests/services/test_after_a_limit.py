"""A limit of the bookkeeping is over when the clock says so, or as soon as it is seen to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import bulk as rules
from domain import posting as states
from domain.outcome import Problem
from models import DueWork, InvoicePosting
from services import due_work
from services.catalogue import articles, connecting, relations, waiting_runs
from services.invoicing import bulk, press, recovery
from services.link import connection, runs
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.services.test_bulk import job_of, numbers, orders, resume, shown
from tests.support.sandbox_process import Sandbox


@pytest.mark.parametrize("operation", ["AddFactuur", "OpenSession"])
@pytest.mark.parametrize(
    ("code", "problem"), [("E003.3", Problem.DAY_LIMIT), ("E003.1", Problem.LIMIT), ("E0039", Problem.LIMIT)]
)
def test_at_a_limit_the_job_pauses_and_goes_on_by_itself(
    vos: SimpleNamespace, sandbox: Sandbox, code: str, problem: Problem, operation: str
) -> None:
    job_id = job_of(vos, orders(vos, 4))
    began = database_now(db.session())
    vos.deps.bookkeeping.forget(vos.tenant_id)
    skip = 1 if operation == "AddFactuur" else 0
    sandbox.mischief("demo", [{"operation": operation, "kind": "refuse", "code": code, "skip": skip, "text": "Limit"}])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert len(numbers(sandbox)) == skip
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 0, "nothing is asked while it is paused"
    found = bulk.progress(job_id)
    until = found.paused_until
    assert until is not None
    assert (found.job.state, found.every) == (rules.RUNNING, 60)
    ended = database_now(db.session(), afresh=True)
    earliest, latest = (connection.takes_calls_again(problem, now) for now in (began, ended))
    assert earliest <= until <= latest
    bulk.settle(vos.actor)
    due = db.session.scalars(select(DueWork.due_at).where(DueWork.what == due_work.BULK)).one()
    assert due == until
    resume(vos)
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert shown(job_id) == [states.POSTED] * 4
    assert len(numbers(sandbox)) == len(set(numbers(sandbox))) == 4


def test_an_invoice_that_they_take_ends_the_pause_at_once(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job_id = job_of(vos, orders(vos, 2))
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "E003.3"}])
    bulk.carry_out(vos.deps, vos.actor, job_id)
    bulk.settle(vos.actor)
    assert due_work.tenants_with(due_work.BULK) == []
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert connection.paused_until() is None
    assert due_work.tenants_with(due_work.BULK) == [vos.tenant_id]
    assert bulk.carry_out(vos.deps, vos.actor, job_id) == 2


def paused(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """They take no calls any more today, as a reading that now waits was told."""
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "refuse", "code": "E003.3"}])
    assert relations.sync_now(vos.deps, vos.actor).finished_at is None
    assert connection.paused_until() is not None


def test_with_that_a_reading_that_waited_goes_on_too(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    paused(vos, sandbox)
    waiting_runs.carry_out(vos.deps, vos.actor)
    assert due_work.tenants_with(due_work.READ) == []
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert due_work.tenants_with(due_work.READ) == [vos.tenant_id]
    waiting_runs.carry_out(vos.deps, vos.actor)
    assert runs.under_way("relations") is None
    assert relations.sync_now(vos.deps, vos.actor).finished_at is not None


def test_starting_the_link_anew_ends_the_pause_and_does_what_waited(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "GetArtikelen", "kind": "refuse", "code": "E003.3"}])
    assert articles.sync_now(vos.deps, vos.actor).finished_at is None
    started = connecting.start(vos.deps, vos.actor)
    assert (started.ok, started.later, started.articles > 0) == (True, (), True)
    assert runs.under_way("articles") is None


def test_while_it_lasts_nobody_looks_for_an_uncertain_invoice(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.state == states.UNCERTAIN
    paused(vos, sandbox)
    asked = len(sandbox.calls("demo"))
    assert recovery.recover_all(vos.deps, vos.actor) == 1
    assert len(sandbox.calls("demo")) == asked
    assert recovery.next_look() == connection.paused_until()
    with write_transaction() as session:
        connection.locked(session).paused_until = None
    recovery.recover_all(vos.deps, vos.actor)
    assert db.session.get_one(InvoicePosting, (vos.tenant_id, pressed.posting_id)).state == states.POSTED


def test_a_days_limit_just_after_our_midnight_may_be_that_of_their_day_before() -> None:
    midnight = datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    late = midnight + timedelta(days=1, minutes=5)
    assert connection.takes_calls_again(Problem.DAY_LIMIT, midnight + timedelta(hours=12)) == late
    early = midnight + timedelta(minutes=6)
    assert connection.takes_calls_again(Problem.DAY_LIMIT, early) == early + timedelta(hours=1)


def test_a_shorter_limit_does_not_end_a_longer_one(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        until = connection.locked(session).paused_until = database_now(session) + timedelta(hours=2)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "E003.1"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert connection.paused_until() == until
