"""One lane's work: rounds of presses that are killed, recovery (killed too), and the count of what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from domain import posting as states
from tests.torture import deeds
from tests.torture.stage import LATE_SECONDS, Child, Lane

_PATIENCE_SECONDS = 60
_PATIENCE_ROUNDS = 60  # on a crowded machine a minute is too short for one press to begin in time
_TICK_SECONDS = 0.6
_PRESSES = 5


@dataclass(frozen=True)
class Case:
    """One order, how its press is killed, and what the far side does meanwhile."""

    point: str = ""
    mischief: dict[str, Any] | None = None
    pressers: int = 1


@dataclass(frozen=True)
class Round:
    """Cases that are pressed one after another and then recovered together; `recovery_points` kill recoverers."""

    cases: tuple[Case, ...]
    used_number: str = "refuse"
    recovery_points: tuple[str, ...] = ()


COUNTED = ("presses", "expected", "found", "duplicates", "lost", "stuck", "silent")


@dataclass
class Tally:
    """What came of it. `faults` counts by kind, `came` the answers a crowd got; `silent` are orders that stand
    otherwise here than over there while nothing on a screen says so; `problems` says what should not be."""

    faults: Counter[str] = field(default_factory=Counter)
    came: Counter[str] = field(default_factory=Counter)
    expected: int = 0
    found: int = 0
    duplicates: int = 0
    lost: int = 0
    stuck: int = 0
    presses: int = 0
    silent: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add another one to it."""
        self.faults += other.faults
        self.came += other.came
        self.problems += other.problems
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Runner:
    """Runs rounds in one lane. Single-threaded: it forks."""

    def __init__(self, lane: Lane, recover: Callable[[Lane], int] = deeds.recover) -> None:
        self._lane = lane
        self._recover = recover
        self._prices: dict[str, str] = {}  # of every order made here

    @property
    def orders(self) -> list[str]:
        """The orders that were made here."""
        return list(self._prices)

    def run(self, rounds: Iterable[Round], report: Callable[[Tally], None]) -> None:
        """Run the rounds, telling the faults of each as it ends and what became of all orders at the very end."""
        for one in rounds:
            tally = Tally()
            self._round(one, tally)
            report(tally)
        time.sleep(2 * LATE_SECONDS)  # a late act would come now
        last = Tally()
        self.verify(last)
        report(last)

    def _round(self, one: Round, tally: Tally) -> None:
        lane = self._lane
        lane.sandbox.clear_mischief(lane.administration)
        lane.sandbox.switches(lane.administration, used_number=one.used_number)
        orders = self.make_orders(len(one.cases))
        unused = []
        for case, order_id in zip(one.cases, orders, strict=True):
            rules = [case.mischief] if case.mischief else []
            lane.sandbox.mischief(lane.administration, rules)
            self._press(case, order_id, tally)
            left = lane.sandbox.mischief_left(lane.administration)
            self._count_mischief(tally, rules, left)
            unused += left
        lane.sandbox.mischief(lane.administration, unused)  # it meets the recovery instead
        self.settle(orders, tally, one.recovery_points, together=max(c.pressers for c in one.cases) // 2 + 1)
        self._count_mischief(tally, unused, lane.sandbox.mischief_left(lane.administration))

    def _press(self, case: Case, order_id: str, tally: Tally) -> None:
        """Press, all pressers at once, until the point is reached: on a busy machine a press may begin too late, which
        sends nothing and says so, and then people press again."""
        work = partial(deeds.press, self._lane, order_id)
        for _ in range(_PRESSES):
            tally.presses += case.pressers
            ends = [child.end() for child in [Child(work, case.point) for _ in range(case.pressers)]]
            for end in ends:
                self._note(tally, end, f"press killed at {case.point}")
            if any(end.killed or end.error for end in ends) or not any(end.value == states.NOT_SENT for end in ends):
                return

    def make_orders(self, count: int) -> list[str]:
        """Executed orders with a price of their own each."""
        prices = [f"{40 + (len(self._prices) + i) / 100:.2f}" for i in range(count)]
        made = Child(partial(deeds.make_orders, self._lane, prices)).end()
        if made.error:
            raise RuntimeError(made.error)
        self._prices |= dict(zip(made.value, prices, strict=True))
        return list(made.value)

    def settle(self, orders: Sequence[str], tally: Tally, points: Sequence[str] = (), together: int = 1) -> None:
        """Recover, with people pressing again where they may, until every order is posted or patience ends."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        points = list(points)
        rounds = 0
        while time.monotonic() < deadline or rounds < _PATIENCE_ROUNDS:
            rounds += 1
            open_ = {key: row for key, row in self.look(orders)["orders"].items() if row["state"] != "posted"}
            if not open_:
                return
            crash = points.pop(0) if points else ""
            work = partial(self._recover, self._lane)
            for child in [Child(work, crash) for _ in range(together)]:
                self._note(tally, child.end(), f"recovery killed at {crash}")
            for order_id, row in open_.items():
                if deeds.wants_a_press(row):
                    tally.presses += 1
                    self._note(tally, Child(partial(deeds.press, self._lane, order_id)).end(), "")
            time.sleep(_TICK_SECONDS)

    def verify(self, tally: Tally) -> None:
        """Hold what both sides have of every order of this lane against each other."""
        seen = self.look(list(self._prices))
        theirs: dict[str, list[dict[str, Any]]] = {}
        for invoice in self._lane.sandbox.invoices(self._lane.administration):
            words = invoice["Regels"][0]["Omschrijving"].replace(",", " ").split()
            theirs.setdefault(words[1], []).append(invoice)
        for order_id, row in seen["orders"].items():
            found = theirs.pop(row["order"], [])
            tally.expected += 1
            tally.found += len(found)
            tally.duplicates += max(0, len(found) - 1)
            tally.lost += not found
            tally.stuck += row["state"] != "posted"
            for wrong in _wrong(row, found, self._prices[order_id]):
                tally.problems.append(f"{self._lane.slug} {row['order']} {row['number']} ({row['state']}): {wrong}")
        tally.problems += [f"an invoice of an unknown order {number}" for number in theirs]
        in_use = {row["number"] for row in seen["orders"].values()}
        loose = {number: state for number, state in seen["numbers"].items() if number not in in_use}
        tally.problems += [f"number {number} is {state} but of no order" for number, state in loose.items()]

    def look(self, orders: Sequence[str]) -> dict[str, Any]:
        """How these orders and all numbers stand on our side (deeds.look)."""
        end = Child(partial(deeds.look, self._lane, list(orders))).end()
        if end.error:
            raise RuntimeError(end.error)
        return dict(end.value)

    def _note(self, tally: Tally, end: Any, fault: str) -> None:
        if end.killed:
            tally.faults[fault] += 1
        if end.error:
            tally.problems.append(end.error)

    def _count_mischief(self, tally: Tally, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
        used = Counter(rule["kind"] for rule in before) - Counter(rule["kind"] for rule in after)
        for kind, times in used.items():
            tally.faults[f"far side: {kind}"] += times


def _wrong(row: dict[str, Any], found: list[dict[str, Any]], price: str) -> Iterable[str]:
    """What is wrong between an order's row and its invoices over there, in words."""
    if len(found) != 1:
        yield f"{len(found)} invoices"
    if row["state"] != "posted":
        yield f"not settled: {row['why']}"
    elif row["number_state"] != "posted":
        yield f"its number is {row['number_state']}"
    for invoice in found:
        first = invoice["Regels"][0]
        if invoice["Factuurnummer"] != row["number"]:
            yield f"under number {invoice['Factuurnummer']}"
        if (
            len(invoice["Regels"]) != 1
            or float(first["PrijsPerEenheid"]) != float(price)
            or invoice["Relatiecode"] != "1001"
        ):
            yield f"other content: {first['PrijsPerEenheid']} instead of {price}"
