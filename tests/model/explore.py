"""Breadth first through every state a model can reach; the first thing found wrong comes with its shortest trace."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import groupby

from tests.model.posting_model import Model, State


@dataclass(frozen=True)
class Explored:
    """What was seen. `wrong` is empty when nothing is; `trace` leads from the start to it, a step a line."""

    states: int
    steps: int
    depth: int
    seconds: float
    wrong: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        head = f"{self.states:,} states, {self.steps:,} steps, {self.depth} deep, {self.seconds:.1f} s"
        if not self.wrong:
            return f"{head}: nothing wrong"
        lines = []
        for line, same in groupby(self.trace):
            often = len(list(same))
            lines.append(f"  - {line}" + (f", {often} ticks" if often > 1 else ""))
        return "\n".join([f"{head}: {self.wrong}", *lines])


def explore(model: Model) -> Explored:
    """Visit every reachable state once, until something is wrong or nothing is new."""
    began = time.monotonic()
    first = model.start()
    came_from: dict[State, tuple[State, str] | None] = {first: None}
    layer, depth, steps = [first], 0, 0
    while layer:
        following: list[State] = []
        for state in layer:
            for label, after in model.steps(state):
                steps += 1
                if after in came_from:
                    continue
                came_from[after] = (state, label)
                if wrong := model.wrong(after):
                    seconds = time.monotonic() - began
                    return Explored(len(came_from), steps, depth + 1, seconds, wrong, _trace(came_from, after))
                following.append(after)
        layer, depth = following, depth + 1
    return Explored(len(came_from), steps, depth, time.monotonic() - began)


def _trace(came_from: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    lines: list[str] = []
    step = came_from[state]
    while step is not None:
        lines.append(step[1])
        step = came_from[step[0]]
    return tuple(reversed(lines))
