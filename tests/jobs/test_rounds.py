"""The worker's rounds: recovery each minute, one sync a night, and trouble in one tenant keeps nobody waiting."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from domain import posting as states
from gateways.queue import make_queue
from jobs import rounds
from jobs.patience import Patience
from jobs.schedule import schedule
from models import DueWork, InvoicePosting, SyncRun, TenantStatus
from services import due_work
from services.company import tenants
from services.invoicing import press, recovery
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox


def bring(what: str, slug: str) -> None:
    """A tenant has something to do, or so it looks."""
    actor = process(slug)
    with write_transaction() as session:
        session.add(DueWork(tenant_id=actor.tenant_id, what=what, due_at=database_now(session), stamp=uuid4()))
    tenants.leave()


def test_the_minute_round_settles_an_uncertain_posting_and_counts_for_support(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN
    rounds.every_minute(vos.deps)
    process("vos")
    assert db.session.scalars(select(InvoicePosting.state)).all() == [states.POSTED]
    assert len(sandbox.invoices("demo")) == 1
    assert db.session.get(TenantStatus, vos.tenant_id).uncertain == 0


def test_support_sees_a_refused_posting_after_the_round(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    rounds.every_minute(vos.deps)
    assert db.session.get(TenantStatus, vos.tenant_id).refused == 1


def test_the_nightly_sync_runs_once_a_night_however_often_it_is_called(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    process("vos")
    before = len(db.session.scalars(select(SyncRun)).all())
    tenants.leave()
    rounds.every_night(vos.deps)
    rounds.every_night(vos.deps)
    process("vos")
    runs = db.session.scalars(select(SyncRun)).all()
    assert sorted(run.what for run in runs[before:]) == ["articles", "relations"]


def test_trouble_in_one_tenant_keeps_the_next_from_nothing(
    vos: SimpleNamespace, cast: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def recover(_deps: object, actor: object) -> int:
        seen.append(actor.tenant_slug)  # type: ignore[attr-defined]
        raise RuntimeError("kapot")

    monkeypatch.setattr(recovery, "recover_all", recover)
    for slug in ("vos", "buur"):
        bring(due_work.POSTINGS, slug)
    rounds.every_minute(vos.deps)
    assert seen == ["vos", "buur"]


def test_the_queue_knows_the_rounds(app: Flask) -> None:
    deps = app.extensions["crafter"]
    queue = make_queue(deps.settings.queue_url)
    schedule(queue, app, deps, Patience())
    names = {task.name for task in queue._registry.periodic_tasks}
    assert names == {"every_minute", "every_hour", "every_night", "every_morning", "every_backup", "every_bulk_job"}


def test_an_unknown_queue_is_refused() -> None:
    with pytest.raises(SystemExit):
        make_queue("amqp://localhost")
