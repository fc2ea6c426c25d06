"""More than one machine, in short: approvals go on while nodes, a worker and Redis are killed under people's hands."""

from __future__ import annotations

import pytest

from tests.cluster.proof import ROLLING, SHORT, play, table

ORDERS = 45


@pytest.mark.timeout(400)
def test_every_approval_is_one_invoice_while_nodes_a_worker_and_redis_are_killed() -> None:
    outcome = play(ORDERS, clients=8, nodes=2, workers=1, events=SHORT)
    print(table(outcome))
    assert outcome.tally.problems == []
    assert (outcome.tally.expected, outcome.tally.found) == (ORDERS, ORDERS)
    assert (outcome.tally.duplicates, outcome.tally.stuck, outcome.forgotten) == (0, 0, 0)
    assert len(outcome.done) == len(SHORT)
    assert len(outcome.seen.acknowledged) > ORDERS // 2, "people saw nothing but errors"


@pytest.mark.timeout(400)
def test_a_rolling_upgrade_with_a_migration_in_the_middle_fails_no_request() -> None:
    outcome = play(ORDERS, clients=4, nodes=2, workers=1, events=ROLLING)
    print(table(outcome))
    assert outcome.tally.problems == []
    assert (outcome.tally.expected, outcome.tally.found) == (ORDERS, ORDERS)
    assert set(outcome.seen.answers) <= {"posted", "not_sent"}, outcome.seen.answers
