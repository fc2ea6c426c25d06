"""When our books are held against theirs, by whom, what makes it wait, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

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
from services import due_work, heartbeat
from services.invoicing import looking_back, press
from services.link import connection
from services.reconciliation import reports, rounds, runs
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.support.cast import make_order, process
from tests.support.reconciled import held, nothing_was_held_before, posted, row_of
from tests.support.sandbox_process import Sandbox
from tests.support.statements import counted

__all__ = ["nothing_was_held_before"]


def test_after_a_restore_the_worker_looks_at_everything_by_itself(
    vos: SimpleNamespace, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    held(vos)
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
    _night, run = db.session.scalars(select(Reconciliation).order_by(Reconciliation.id)).all()
    assert (run.shown_cause, run.missing, run.calls) == (Cause.AWAY, 1, 4)
    assert connection.present().look_back_since is None
    assert vos.tenant_id not in due_work.tenants_with(due_work.COMPARE)
    rounds.carry_out(vos.deps, vos.actor)
    assert len(db.session.scalars(select(Reconciliation)).all()) == 2


def test_a_new_installation_was_neither_away_nor_put_back(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    heartbeat.beat(heartbeat.WORKER, uuid4())  # the first sign there ever was
    process("vos")
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    (run,) = db.session.scalars(select(Reconciliation)).all()
    assert (run.shown_cause, run.equal) == (Cause.FIRST, 1)


def test_neither_was_who_linked_another_administration(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    held(vos)
    sandbox.reset("bouw")
    link_with(vos, sandbox, "bouw")
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    newest = select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)
    run = db.session.scalars(newest).one()
    assert (run.shown_cause, run.administration) == (Cause.FIRST, 2)


def test_a_run_that_was_under_way_when_it_was_put_back_looks_back_too(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    rounds.ask_for_reconciliation(vos.deps, vos.actor)
    looking_back.expect_to_be_behind()
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    assert connection.present().look_back_since is None


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


def test_holding_many_invoices_asks_the_database_no_more_than_holding_few(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    posted(vos, 2)
    held(vos)
    with counted() as few:
        assert held(vos).equal == 2
    for _ in range(5):
        press.approve(vos.deps, vos.actor, make_order(vos.actor, vos.relation_id))
    held(vos)
    with counted() as many:
        assert held(vos).equal == 7
    assert len(many) == len(few)


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


def without_day() -> int:
    """How many invoices have no date yet."""
    db.session.rollback()
    return len(db.session.scalars(select(InvoicePosting.id).where(InvoicePosting.dated_on.is_(None))).all())


def test_rows_of_an_earlier_release_get_their_day_from_the_worker_in_steps(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = posted(vos, 5)
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(dated_on=None))
    monkeypatch.setattr(runs, "_AT_ONCE", 2)
    with counted() as asked:
        rounds.ask_for_reconciliation(vos.deps, vos.actor)
    assert without_day() == 5, "who presses the button does not wait for them"
    assert not [one for one in asked if "payload" in one]
    asks = iter([False, True])
    rounds.carry_out(vos.deps, vos.actor, halt=lambda: next(asks))
    assert without_day() == 3
    waiting = reports.under_way()
    assert waiting is not None
    assert (waiting.todo, waiting.lease_until) == ("", None), "it is not planned before every invoice has its date"
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    (run,) = db.session.scalars(select(Reconciliation)).all()
    assert (run.equal, without_day()) == (5, 0)
    assert {row_of(row.id).dated_on for row in rows} == {today(db.session())}


def test_a_night_with_invoices_of_an_earlier_release_only_is_begun(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(dated_on=None))
    assert held(vos).equal == 1
