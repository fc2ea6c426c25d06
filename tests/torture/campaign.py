"""A campaign: all lanes of a stage at work side by side, each in a process of its own, and the table at the end."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from tests.torture import deeds
from tests.torture.lane import COUNTED, Round, Runner, Tally
from tests.torture.stage import Child, Lane, Stage


def run(
    stage: Stage,
    plans: list[Iterable[Round]],
    enough: int | None = None,
    recover: Callable[[Lane], int] = deeds.recover,
    heard: Callable[[Tally], None] = lambda total: None,
) -> Tally:
    """Play one plan a lane and add everything up; a lane stops early at its share of `enough` faults."""
    share = None if enough is None else -(-enough // len(stage.lanes))
    reading, writing = os.pipe()
    workers = []
    for lane, plan in zip(stage.lanes, plans, strict=True):
        workers.append(Child(partial(_work, lane, plan, share, recover, writing)))
    os.close(writing)
    return gather(reading, workers, heard)


def send(tally: Tally, writing: int) -> None:
    """Tell of a tally from a lane's process."""
    os.write(writing, json.dumps(vars(tally) | {"problems": tally.problems[:5]}).encode() + b"\n")


def gather(reading: int, workers: list[Child], heard: Callable[[Tally], None]) -> Tally:
    """Add up what the lanes' processes tell, until all of them have ended."""
    total = Tally()
    for line in _lines(reading):
        given = json.loads(line)
        total.add(Tally(**given | {"faults": Counter(given["faults"]), "came": Counter(given["came"])}))
        heard(total)
    for worker in workers:
        end = worker.end()
        if end.error or end.killed:
            total.problems.append(f"a lane broke off: {end.error}")
    return total


def _work(
    lane: Lane,
    plan: Iterable[Round],
    share: int | None,
    recover: Callable[[Lane], int],
    writing: int,
) -> None:
    """A lane process: play until the plan or the share of faults is used up."""
    os.environ["CRAFTER_CRASH_AT"] = ""
    signal.alarm(0)  # a lane lives as long as its plan
    done = 0

    def report(tally: Tally) -> None:
        nonlocal done
        done += tally.faults.total()
        send(tally, writing)

    def until_enough() -> Iterator[Round]:
        for one in plan:
            if share is not None and done >= share:
                return
            yield one

    Runner(lane, recover).run(until_enough(), report)


def _lines(reading: int) -> Iterator[bytes]:
    with os.fdopen(reading, "rb") as pipe:
        yield from pipe


class Bar:
    """A progress bar on the terminal; every 10 % a line where there is none."""

    def __init__(self, name: str, goal: int) -> None:
        self._name = name
        self._goal = max(1, goal)
        self._said = -1

    def __call__(self, total: Tally) -> None:
        done = min(self._goal, total.faults.total())
        share = done * 100 // self._goal
        text = f"{self._name:<10} [{'#' * (share * 3 // 10):<30}] {share:3d} %  {done} of {self._goal} faults"
        if sys.stderr.isatty():
            print(f"\r{text}", end="\n" if share == 100 else "", file=sys.stderr, flush=True)
        elif share // 10 > self._said:
            self._said = share // 10
            print(text, file=sys.stderr, flush=True)


def table(total: Tally) -> str:
    """The table of a campaign."""
    rows = [("faults injected", f"{total.faults.total():,}")]
    rows += [(f"  {kind}", f"{times:,}") for kind, times in sorted(total.faults.items())]
    for name in COUNTED:
        label = f"invoices {name}" if name in {"expected", "found"} else name
        rows.append((label, f"{getattr(total, name):,}"))
    wide = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{wide}}  {value:>8}" for label, value in rows)
