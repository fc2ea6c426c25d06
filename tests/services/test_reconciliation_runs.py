"""When our books are held against theirs, by whom, what makes it wait, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from domain.link import LinkState
from domain.message import Refusal
from domain.reconciliation import Cause
from models import (
    DueWork,
    InvoicePosting,
    Reconciliation,
    TenantStatus,
)
from services import due_work
from services.invoicing import looking_back
from services.link import connection
from services.reconciliation import reports, rounds, runs
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.support.reconciled import held, nothing_was_held_before, posted, row_of
from tests.support.sandbox_process import Sandbox

__all__ = ["nothing_was_held_before"]


def test_after_a_restore_the_worker_looks_at_everything_by_itself(
    vos: SimpleNamespace, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    due_work.settle(vos.tenant_id, due_work.COMPARE, runs.next_due)
    looking_back.expect_to_be_behind()
    waiting = db.session.scalars(select(DueWork.tenant_id).where(DueWork.what == due_work.COMPARE)).all()
    linked = select(TenantStatus.tenant_id).where(TenantStatus.link_state == LinkState.ACTIVE)
    assert sorted(waiting) == sorted(db.session.scalars(linked))
    assert vos.tenant_id in due_work.tenants_with(due_work.COMPARE)
    looking_back.expect_to_be_behind()  # whoever marks again finds it there
    sandbox.remove_invoice("demo", row.number)
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    (run,) = db.session.scalars(select(Reconciliation)).all()
    assert (run.shown_cause, run.missing, run.calls) == (Cause.AWAY, 1, 4)
    assert connection.present().look_back_since is None
    assert vos.tenant_id not in due_work.tenants_with(due_work.COMPARE)
    rounds.carry_out(vos.deps, vos.actor)
    assert len(db.session.scalars(select(Reconciliation)).all()) == 1


def test_a_limit_of_theirs_makes_it_wait_and_says_so(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "refuse", "code": "E003.3", "text": "x"}])
    run = held(vos)
    assert (run.finished_at, run.resumes_at) == (None, connection.paused_until())
    assert run.remark
    again = held(vos)
    assert (again.id, again.calls) == (run.id, 1)
    with write_transaction() as session:
        connection.locked(session).paused_until = None
        session.execute(update(Reconciliation).values(resumes_at=None))
    assert held(vos).equal == 1


def test_a_link_that_does_not_answer_makes_it_wait_and_says_so(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    run = held(vos)
    assert run.finished_at is None
    assert run.resumes_at is not None
    assert run.remark.key == "call.http"
    with write_transaction() as session:
        session.execute(update(Reconciliation).values(resumes_at=None))
    assert held(vos).equal == 1


def test_an_unreadable_list_is_asked_for_in_halves(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos, 2)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "truncated_xml"}])
    run = held(vos)
    assert (run.calls, run.equal, run.missing) == (3, 2, 0)


def test_only_one_is_under_way_and_a_silent_one_is_taken_over(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    asked = rounds.ask_for_reconciliation(vos.deps, vos.actor)
    with pytest.raises(Refusal):
        rounds.ask_for_reconciliation(vos.deps, vos.actor)
    holder = runs.take(vos.deps, asked)
    assert holder is not None
    assert runs.take(vos.deps, asked) is None
    assert held(vos).finished_at is None
    with write_transaction() as session:
        run = session.get_one(Reconciliation, (vos.tenant_id, asked))
        run.lease_until = run.started_at - timedelta(minutes=5)
    run = held(vos)
    assert (run.id, run.equal, run.by, run.shown_cause) == (asked, 1, vos.actor.person_name, Cause.BUTTON)
    with pytest.raises(runs.Lost):
        holder.end(0)


def test_other_credentials_end_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    rounds.ask_for_reconciliation(vos.deps, vos.actor)
    with write_transaction() as session:
        connection.locked(session).version += 1
    run = held(vos)
    assert (run.error.key, run.calls) == ("link.changed", 0)


def test_without_a_link_a_button_says_so_and_a_night_does_nothing(vos: SimpleNamespace) -> None:
    posted(vos)
    connection.switch_feature(vos.actor, False)
    with pytest.raises(Refusal):
        rounds.ask_for_reconciliation(vos.deps, vos.actor)
    rounds.tonight(vos.deps, vos.actor)
    assert reports.under_way() is None


def test_who_has_nothing_is_asked_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = len(sandbox.calls("demo"))
    rounds.tonight(vos.deps, vos.actor)
    assert len(sandbox.calls("demo")) == before
    assert db.session.scalars(select(Reconciliation)).all() == []


def test_rows_of_an_earlier_release_get_their_day(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(dated_on=None))
    assert held(vos).equal == 1
    assert row_of(row.id).dated_on == today(db.session())
