"""The clock is set back, by an hour or by weeks: nothing waits as long as that, and nothing is sent blindly for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import bulk as rules
from domain import posting as states
from domain.notes import note
from domain.outcome import Problem
from gateways.bookkeeping import BookkeepingError
from jobs import rounds
from models import BulkItem, Mail
from services import due_work, mail
from services.invoicing import bulk, missing, posting, press, recovery
from services.link import connection, runs
from services.orders import attention
from services.transaction import write_transaction
from settings import Times
from tenancy.clock import database_now
from tenancy.database import db
from tests.services.test_bulk import job_of, numbers, shown
from tests.services.test_what_is_written import row
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import make_order, process
from tests.support.sandbox_process import Sandbox

Leap = Callable[[timedelta], None]
BACK = pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(hours=1), timedelta(days=36)])
HOUR = timedelta(hours=1)


def test_no_lease_is_longer_than_what_it_is_held_against() -> None:
    times = Times()
    assert times.lease <= states.LEASE
    assert 2 * times.list_seconds <= runs.LONGEST.total_seconds()


def killed(vos: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, *, sent: bool) -> None:
    """A press whose process was killed: after they answered, or before anything was sent."""
    with monkeypatch.context() as patched:
        patched.setattr(posting, "settle" if sent else "carry_out", lambda *_: states.SENDING)
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert row(vos).state == states.SENDING


def a_round(vos: SimpleNamespace) -> None:
    """The worker's next minute."""
    db.session.rollback()
    rounds.every_minute(vos.deps)
    process("vos")


@BACK
def test_a_press_that_was_killed_is_settled_by_the_workers_next_round(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, leap: Leap, back: timedelta
) -> None:
    killed(vos, monkeypatch, sent=True)
    leap(-back)
    assert due_work.tenants_with(due_work.POSTINGS) == [vos.tenant_id]
    a_round(vos)
    assert row(vos).state == states.POSTED
    assert numbers(sandbox) == [row(vos).number]


@BACK
def test_one_that_never_arrived_goes_out_after_one_quiet_window_and_no_sooner(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, leap: Leap, back: timedelta
) -> None:
    killed(vos, monkeypatch, sent=False)
    leap(-back)
    a_round(vos)
    quiet = vos.deps.settings.times.quiet_window
    assert row(vos).state == states.UNCERTAIN
    by = recovery.known_by(row(vos), vos.deps)
    assert by is not None
    assert by - database_now(db.session()) <= quiet, "the moment that the screen promises"
    leap(quiet - timedelta(seconds=60))
    a_round(vos)
    assert row(vos).state == states.UNCERTAIN
    leap(timedelta(seconds=61))
    a_round(vos)
    assert row(vos).state == states.POSTED
    assert numbers(sandbox) == [row(vos).number]


def test_one_that_was_uncertain_before_is_certain_after_one_quiet_window_too(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert row(vos).state == states.UNCERTAIN
    leap(-HOUR)
    a_round(vos)
    assert row(vos).state == states.UNCERTAIN
    leap(vos.deps.settings.times.quiet_window + timedelta(seconds=1))
    a_round(vos)
    assert row(vos).state == states.POSTED
    assert len(numbers(sandbox)) == 1


def test_who_is_still_at_it_holds_nothing_any_more_and_their_yes_counts(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is set back while the call is under way, and the worker comes before the answer does."""
    real = posting.settle

    def late(*given: object) -> str:
        leap(-HOUR)
        sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
        a_round(vos)
        assert row(vos).state == states.UNCERTAIN
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(posting, "settle", late)
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert row(vos).state == states.POSTED
    assert numbers(sandbox) == [row(vos).number]


def test_a_clock_that_was_set_ahead_and_back_again_leaves_nothing_waiting(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, leap: Leap
) -> None:
    leap(HOUR)
    killed(vos, monkeypatch, sent=True)
    leap(-HOUR)
    a_round(vos)
    assert row(vos).state == states.POSTED


def test_a_person_looks_while_somebody_is_at_it_and_only_our_invoice_decides(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(vos, monkeypatch, sent=False)
    mine, lease = row(vos).id, row(vos).lease_until
    assert recovery.check(vos.deps, vos.actor, mine) == states.SENDING
    assert sandbox.calls("demo", "GetFacturen") == [], "by itself nobody looks under a lease"
    assert recovery.check(vos.deps, vos.actor, mine, asked=True) == states.SENDING
    put_a_foreign_invoice(vos, row(vos).number)
    assert recovery.check(vos.deps, vos.actor, mine, asked=True) == states.SENDING
    assert len(sandbox.calls("demo", "GetFacturen")) == 2
    assert (row(vos).lease_until, row(vos).attempted_uncertain) == (lease, False), "who is at it still holds it"


def test_a_hit_counts_while_somebody_is_at_it(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(vos, monkeypatch, sent=True)
    assert recovery.check(vos.deps, vos.actor, row(vos).id, asked=True) == states.POSTED


def test_the_button_looks_and_the_page_that_refreshes_itself_does_not(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, client_as: Callable[[str], object]
) -> None:
    killed(vos, monkeypatch, sent=True)
    client, page = client_as("office"), f"/t/vos/work-orders/{vos.order_id}/check"
    client.post(f"{page}?seen=sending")  # type: ignore[attr-defined]
    process("vos")
    assert row(vos).state == states.SENDING
    client.post(page)  # type: ignore[attr-defined]
    process("vos")
    assert row(vos).state == states.POSTED


def test_it_needs_attention_and_the_strook_says_so(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(vos, monkeypatch, sent=False)
    assert (attention.count(vos.actor), recovery.is_interrupted(row(vos))) == (0, False)
    with write_transaction() as session:
        found = posting.row_locked(session, row(vos).id)
        assert found.lease_until is not None
        found.lease_until += HOUR  # as an hour's jump of every clock leaves it
    assert (attention.count(vos.actor), recovery.is_interrupted(row(vos))) == (1, True)
    assert [item.state for item in attention.told_items(vos.actor)] == [states.UNCERTAIN]


def test_a_posted_invoice_that_vanished_is_called_so_after_one_quiet_window(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    sandbox.remove_invoice("demo", row(vos).number)
    leap(-HOUR)
    assert missing.read_back(vos.deps, vos.actor, row(vos).id) == states.POSTED
    leap(vos.deps.settings.times.quiet_window + timedelta(seconds=1))
    assert missing.read_back(vos.deps, vos.actor, row(vos).id) == states.GONE


@BACK
def test_what_a_dead_worker_held_of_a_job_is_taken_again(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Leap, back: timedelta
) -> None:
    done = {"executed_on": date(2026, 1, 5)}  # before the clock's new today as well
    job_id = job_of(vos, [make_order(vos.actor, vos.relation_id, **done) for _ in range(2)])
    taken = bulk._take(vos.deps, vos.actor, job_id)
    assert taken is not None
    assert bulk.progress(job_id).every == 2
    leap(-back)
    bulk.carry_out(vos.deps, vos.actor, job_id)
    assert shown(job_id) == [states.POSTED] * 2
    assert {item.state for item in db.session.scalars(select(BulkItem).where(BulkItem.job_id == job_id))} == {
        rules.DONE
    }
    assert len(numbers(sandbox)) == 2


@BACK
def test_a_reading_that_a_dead_process_held_is_taken_again(vos: SimpleNamespace, leap: Leap, back: timedelta) -> None:
    hold = runs.begin(vos.deps, vos.actor, "relations")
    assert hold is not None
    assert (runs.waiting(), runs.take(vos.deps, hold.run_id)) == ([], None)
    leap(-back)
    assert [run.id for run in runs.waiting()] == [hold.run_id]
    assert runs.next_due() == database_now(db.session())
    assert due_work.tenants_with(due_work.READ) == [vos.tenant_id]
    process("vos")
    assert runs.take(vos.deps, hold.run_id) is not None


def test_a_letter_waits_for_no_more_than_twice_its_longest_pause(vos: SimpleNamespace, leap: Leap) -> None:
    with write_transaction() as session:
        mail.post(session, "jan@klant.example", "Onderwerp", "Tekst")
    leap(-mail.LONGEST_PAUSE)
    assert mail._claim() is None
    leap(-mail.LONGEST_PAUSE - timedelta(minutes=1))
    assert mail._claim() is not None
    assert mail._claim() is None, "it is being sent"
    leap(-2 * mail.LONGEST_PAUSE - timedelta(minutes=1))
    assert mail._claim() is not None
    db.session.rollback()
    assert db.session.scalars(select(Mail)).one().attempts == 2


def test_a_pause_is_no_longer_than_a_limit_of_theirs_can_be(vos: SimpleNamespace, leap: Leap) -> None:
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    limit = BookkeepingError(note("call.busy"), problem=Problem.DAY_LIMIT)
    connection.note_trouble(vos.actor, credentials, limit)
    first = connection.paused_until()
    assert first is not None
    leap(-timedelta(days=3))
    assert connection.paused_until() is None
    connection.note_trouble(vos.actor, credentials, limit)
    second = connection.paused_until()
    assert second is not None
    assert second < first
