"""Breadth first through every state a model can reach; the first thing found wrong comes with its shortest trace."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol


class World(Protocol):
    """What is explored: a start, the steps out of a state, and what is wrong with one. States are values."""

    def start(self) -> Any: ...
    def steps(self, state: Any) -> Iterator[tuple[str, Any]]: ...
    def wrong(self, state: Any) -> str: ...


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


def explore(model: World) -> Explored:
    """Visit every reachable state once, until something is wrong or nothing is new."""
    began = time.monotonic()
    first = model.start()
    came_from: dict[Any, tuple[Any, str] | None] = {first: None}
    layer, depth, steps = [first], 0, 0
    while layer:
        following: list[Any] = []
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


def _trace(came_from: dict[Any, tuple[Any, str] | None], state: Any) -> tuple[str, ...]:
    lines: list[str] = []
    step = came_from[state]
    while step is not None:
        lines.append(step[1])
        step = came_from[step[0]]
    return tuple(reversed(lines))
