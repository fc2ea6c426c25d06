"""A crowd: many processes press *Gecontroleerd* on the same orders at once while answers get lost."""

from __future__ import annotations

import time
from functools import partial

from tests.torture import deeds
from tests.torture.lane import Runner, Tally
from tests.torture.stage import Child, Stage


def rush(stage: Stage, processes: int, orders: int, lost_percent: int = 10, used_number: str = "let_through") -> Tally:
    """Let `processes` press all orders of the first lane at once, recover, and count."""
    lane = stage.lanes[0]
    runner = Runner(lane)
    tally = Tally()
    made = runner.make_orders(orders)
    lane.sandbox.switches(lane.administration, used_number=used_number)
    # each call that passes uses up a skip of every rule, the one that is hit only those before its own
    every = 100 // lost_percent
    rules = [
        {"kind": "lost_answer", "operation": "AddFactuur", "skip": (every - 1) * (n + 1)}
        for n in range(orders // every)
    ]
    lane.sandbox.mischief(lane.administration, rules)
    start_at = time.time() + 1.0
    crowd = [Child(partial(deeds.press_all, lane, made, start_at)) for _ in range(processes)]
    tally.presses += processes * orders
    for child in crowd:
        end = child.end()
        if end.error:
            tally.problems.append(end.error)
        tally.came.update(end.value or {})
    tally.faults["far side: lost_answer"] = len(rules) - len(lane.sandbox.mischief_left(lane.administration))
    runner.settle(made, tally)
    runner.verify(tally)
    return tally
