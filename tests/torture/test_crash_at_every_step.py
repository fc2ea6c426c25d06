"""Killed at every step of the press, with every kind of far side: one invoice per order all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from services import crashpoints
from tests.torture import campaign, deeds, plans
from tests.torture.lane import Case, Round, Tally
from tests.torture.stage import Child, set_up

ROOT = Path(__file__).parents[2]


def assert_kept(total: Tally, expected: int) -> None:
    """Every order has exactly one right invoice, its posting is posted and its number too."""
    assert total.problems == []
    assert (total.expected, total.found) == (expected, expected)
    assert (total.duplicates, total.lost, total.stuck) == (0, 0, 0)


@pytest.mark.timeout(500)
def test_every_point_with_every_mischief_leaves_exactly_one_invoice_per_order() -> None:
    with set_up("sqlite", sandboxes=2) as stage:
        total = campaign.run(stage, list(plans.pairwise(len(stage.lanes))))
    assert_kept(total, len(plans.PRESS_POINTS) * len(plans.MISCHIEF))
    for point in plans.PRESS_POINTS:
        assert total.faults[f"press killed at {point}"] > 0, "a point nobody reaches proves nothing"
    for mischief in plans.MISCHIEF:
        assert mischief is None or total.faults[f"far side: {mischief['kind']}"] > 0
    assert sum(times for kind, times in total.faults.items() if kind.startswith("recovery killed")) >= 5


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("postgres")
def test_on_postgresql_a_killed_press_and_a_late_service_leave_one_invoice() -> None:
    late = {"operation": "AddFactuur", **plans.MISCHIEF[3]}
    cases = (Case("after_commit:1", None, 3), Case("AddFactuur.after_last_byte", late))
    with set_up("postgres", sandboxes=1, lanes_each=1) as stage:
        total = campaign.run(stage, [[Round(cases, "let_through", ("before_commit:1",))]])
    assert_kept(total, 2)
    assert total.faults["press killed at after_commit:1"] >= 1
    assert total.faults.total() >= 3


@pytest.mark.timeout(300)
def test_the_campaign_finds_the_doubled_invoices_of_a_recovery_that_sends_blindly() -> None:
    cases = (Case("AddFactuur.after_last_byte@0.15"), Case("AddFactuur.mid_answer"), Case("after_commit:2"))
    with set_up("sqlite", sandboxes=1, lanes_each=1) as stage:
        total = campaign.run(stage, [[Round(cases, "let_through")]], recover=deeds.recover_blindly)
    assert total.duplicates >= 2  # the third one's outcome was written before the kill
    assert any("2 invoices" in problem for problem in total.problems)


@pytest.mark.timeout(200)
def test_a_press_in_a_program_of_its_own_is_killed_where_it_is_told_to() -> None:
    with set_up("sqlite", sandboxes=1, lanes_each=1) as stage:
        lane = stage.lanes[0]
        (order_id,) = Child(partial(deeds.make_orders, lane, ["40.00"])).end().value
        settings = lane.deps.settings
        words = [settings.database_url, lane.sandbox.soap_url, str(settings.data), lane.slug, order_id]
        killed = subprocess.run(
            [sys.executable, "-m", "tests.torture.press", *words],
            cwd=ROOT,
            env={**os.environ, "CRAFTER_ENV": "demo", "CRAFTER_CRASH_AT": "after_commit:1"},
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        seen = Child(partial(deeds.look, lane, [order_id])).end().value["orders"][order_id]
        assert seen["state"] == "sending"


def test_in_production_a_crash_point_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crashpoints.os, "kill", lambda pid, number: pytest.fail("it would have been killed"))
    monkeypatch.setenv("CRAFTER_CRASH_AT", "before_commit")
    monkeypatch.setenv("CRAFTER_ENV", "production")
    crashpoints.reach("before_commit")
    monkeypatch.delenv("CRAFTER_ENV")
    crashpoints.reach("before_commit")
