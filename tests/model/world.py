"""What the model of the posting protocol is made of: its states, what can happen in it, and how a state is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Row = tuple[str, int, int, int, bool]  # state, lease left, number, version of the content, attempted_uncertain
Process = tuple[Any, ...]  # phase, holds the row's present lease, number, version, more by phase
Message = tuple[int, int, float]  # number, version, for how long it may still act
State = tuple[Row | None, tuple[Process, ...], tuple[Message, ...], tuple[tuple[int, int], ...], int, int]
Step = tuple[str, State]

IDLE: Process = ("idle",)
FOREIGN = 0  # the version of an invoice that somebody else made over there; below it: one that vanished, by its version
NOW = datetime(2026, 11, 18, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """What can happen, in seconds; None is without any bound. The defaults are the design's."""

    used_numbers: str = "refuse"  # or let_through
    start_within: int | None = 5
    deadline: int | None = 20
    late: int | None = 110
    leap: int | None = 60
    lease: int = 60
    quiet: int = 300
    tick: int = 20
    contents: int = 2  # an edit between two attempts makes another content
    most_numbers: int = 2
    giving_up: bool = True
    new_year: bool = False  # a new year may begin between an attempt and the press that sends again
    foreign: bool = False  # the first number is somebody else's over there
    in_a_row: int = 1  # and so are those after it: how many together
    listed: bool = False  # a list may tell which of the next numbers are in use over there
    another: bool = False  # where ours vanished somebody may make another one under its number
    vanish: bool = False  # their books come back from an older copy, without our invoice, and may be put back again
    all_check: bool = False  # the pressers also press Controleer nu
    back: bool = False  # the clock may be set back, by anything and at any time
    asked: bool = False  # and Controleer nu of somebody who does not wait for the lease
    settles: bool = True  # also ask of every state whether recovery alone settles it


def in_order(processes: list[Process]) -> tuple[Process, ...]:
    """The two pressers are alike: which of them does what makes no difference."""
    one, other, recovery = processes
    return (one, other, recovery) if one <= other else (other, one, recovery)


def placed(state: State, who: int, process: Process, orphans: tuple[Message, ...] | None = None) -> State:
    """The state with this process in place of the one there, and these messages when they are given."""
    processes = list(state[1])
    processes[who] = process
    return (state[0], in_order(processes), state[2] if orphans is None else orphans, *state[3:])
