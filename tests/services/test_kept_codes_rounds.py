"""What the worker's rounds do with the codes of an administration that was left: reading back, pausing, and ending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

from jobs import rounds
from services import due_work
from services.invoicing import left_behind, press, recovery
from services.link import connection
from tenancy.database import db
from tests.services.test_conflicts import lost
from tests.services.test_elsewhere import both, live  # noqa: F401 - both is a fixture
from tests.services.test_kept_codes import after_the_window, kept, move
from tests.support.cast import make_order, process
from tests.support.sandbox_process import Sandbox


def test_what_was_posted_lately_is_read_back(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    move(vos, sandbox)
    left_behind.carry_on(vos.deps, vos.actor)
    assert (live(vos).remote_incl, kept()) == (None, [1]), "within the window a miss would decide nothing"
    assert left_behind.next_look() is not None
    after_the_window(vos, leap)
    left_behind.carry_on(vos.deps, vos.actor)
    assert live(vos).remote_incl == live(vos).incl
    assert kept() == []
    assert left_behind.next_look() is None


def test_what_was_posted_and_cannot_be_read_back_is_waited_for_two_days(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    move(vos, sandbox)
    leap(timedelta(days=3))
    left_behind.carry_on(vos.deps, vos.actor)
    assert kept() == []


def test_what_the_worker_had_settled_before_the_codes_were_kept_is_read_back_by_it(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    after_the_window(vos, leap)
    rounds.every_minute(vos.deps)
    assert due_work.in_motion(due_work.POSTINGS) == [], "nothing waits for the worker"
    process("vos")
    move(vos, sandbox)
    rounds.every_minute(vos.deps)
    process("vos")
    assert (live(vos).remote_incl, kept()) == (live(vos).incl, [])


def test_a_limit_over_there_pauses_there_only(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "refuse", "code": "E003.3"}])
    recovery.recover_all(vos.deps, vos.actor)
    db.session.rollback()
    until = connection.paused_until_of(1)
    assert until is not None
    assert connection.paused_until() is None
    assert recovery.next_look() == until
    calls = len(sandbox.calls("demo"))
    recovery.recover_all(vos.deps, vos.actor)
    assert len(sandbox.calls("demo")) == calls


def test_a_limit_ends_the_reading_back_of_this_round(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    press.approve(vos.deps, vos.actor, make_order(vos.actor, vos.relation_id))
    move(vos, sandbox)
    after_the_window(vos, leap)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "refuse", "code": "E003.3"}])
    calls = len(sandbox.calls("demo", "GetFacturen"))
    left_behind.carry_on(vos.deps, vos.actor)
    assert len(sandbox.calls("demo", "GetFacturen")) == calls + 1, "they said that they take no more"
    left_behind.carry_on(vos.deps, vos.actor)
    assert len(sandbox.calls("demo", "GetFacturen")) == calls + 1
    leap(connection.LONGEST_PAUSE)
    sandbox.mischief("demo", [])
    left_behind.carry_on(vos.deps, vos.actor)
    assert kept() == [], "both are read back"


def test_codes_of_which_only_time_was_up_go_in_the_next_round(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    move(vos, sandbox)
    assert left_behind.next_look() is not None
    leap(timedelta(days=3))
    assert left_behind.next_look() is not None, "nothing waits, and they are still here"


def test_while_nothing_is_kept_the_round_is_over(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    lost(vos, sandbox)
    move(vos, sandbox)
    rounds.every_minute(vos.deps)
    rounds.every_minute(vos.deps)
    process("vos")
    assert vos.tenant_id not in due_work.tenants_with(due_work.POSTINGS)
