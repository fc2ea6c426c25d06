"""Many processes press the same orders at once and a tenth of the answers gets lost: one invoice per order."""

from __future__ import annotations

import pytest

from tests.torture import crowd
from tests.torture.stage import ROOMY, set_up


def rush(kind: str, processes: int, orders: int) -> None:
    """Let a crowd loose and hold the result against the promise."""
    with set_up(kind, sandboxes=1, lanes_each=1, times=ROOMY) as stage:
        total = crowd.rush(stage, processes, orders)
    assert total.problems == []  # "database is locked" would be one
    assert (total.expected, total.found, total.duplicates, total.lost, total.stuck) == (orders, orders, 0, 0, 0)
    assert total.came["refusal"] == (processes - 1) * orders
    assert total.came["uncertain"] == total.faults["far side: lost_answer"] == orders // 10


@pytest.mark.timeout(300)
def test_eight_processes_press_the_same_forty_orders() -> None:
    rush("sqlite", 8, 40)


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("postgres")
def test_four_processes_press_the_same_ten_orders_on_postgresql() -> None:
    rush("postgres", 4, 10)
