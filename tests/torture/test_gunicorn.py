"""The portal itself, under gunicorn, killed in the middle of a press from a browser."""

from __future__ import annotations

import pytest

from tests.torture.lane import Runner
from tests.torture.programs import kill_portal
from tests.torture.stage import set_up


@pytest.mark.timeout(400)
def test_a_killed_gunicorn_worker_leaves_one_invoice_and_the_portal_comes_back() -> None:
    with set_up("sqlite", sandboxes=1, lanes_each=1) as stage:
        runner = Runner(stage.lanes[0])
        state, tally = kill_portal(stage.lanes[0], runner, "AddFactuur.after_answer")
        runner.verify(tally)
    assert state in {"sending", "uncertain"}
    assert tally.faults.total() == 1
    assert tally.problems == []
    assert (tally.expected, tally.found, tally.stuck) == (1, 1, 0)
