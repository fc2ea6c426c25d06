"""The state of a visit (bezoek) and what it has to do with its order's: the tables that services and tests read.

An order has no, one or more visits. A visit stands on the board when it is *firm*: it has a day and a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from domain import work_order as orders

PLANNED, TRAVELLING, WORKING, DONE, NOT_DONE = ("planned", "travelling", "working", "done", "not_done")
STATES = (PLANNED, TRAVELLING, WORKING, DONE, NOT_DONE)
OPEN = (PLANNED, TRAVELLING, WORKING)
BEGUN = (TRAVELLING, WORKING)

# What becomes of visits when their order makes a move; a state that is not named stays. Two moves touch one visit only:
# the first open one begins, and the last one that was done goes on.
FOLLOWS: dict[str, dict[str, str]] = {
    "start": {PLANNED: WORKING, TRAVELLING: WORKING},
    "pause": {TRAVELLING: PLANNED, WORKING: PLANNED},
    "finish": dict.fromkeys(OPEN, DONE),
    "resume": {DONE: WORKING},
    "cancel": dict.fromkeys(OPEN, NOT_DONE),
    "revive": {NOT_DONE: PLANNED},
}
_FIRST, _LAST = "start", "resume"

# The state of the only visit of an order in this state; what an order's first visit begins with.
OF_ORDER = {
    orders.DRAFT: PLANNED,
    orders.PLANNED: PLANNED,
    orders.STARTED: WORKING,
    orders.DONE: DONE,
    orders.APPROVED: DONE,
    orders.CANCELLED: NOT_DONE,
}


class Stated(Protocol):
    """What it takes to choose one."""

    @property
    def state(self) -> str: ...


class Known(Stated, Protocol):
    """What the rules ask of a visit."""

    @property
    def firm(self) -> bool: ...


V = TypeVar("V", bound=Stated)


def after(verb: str, states: Sequence[str]) -> tuple[str, ...]:
    """The states of an order's visits (first to last) after the order made this move."""
    turns = FOLLOWS.get(verb, {})
    touched = [n for n, state in enumerate(states) if state in turns]
    if verb == _FIRST:
        touched = touched[:1] if not any(state == WORKING for state in states) else []
    if verb == _LAST:
        touched = touched[-1:]
    return tuple(turns[state] if n in touched else state for n, state in enumerate(states))


def order_state(visits: Iterable[Known]) -> str:
    """What open visits make of an order that is not finished: draft, planned, or started from the first that began."""
    found = [visit for visit in visits if visit.state in OPEN]
    if any(visit.state in BEGUN for visit in found):
        return orders.STARTED
    return orders.PLANNED if any(visit.firm for visit in found) else orders.DRAFT


def settled(state: str, visits: Iterable[Known]) -> str:
    """The one rule for state, day and person: an order that nobody began is planned when a visit of it is firm, and a
    draft when none is, whichever form or step brought it there. One that was begun, done or called off stays so."""
    return order_state(visits) if state in {orders.DRAFT, orders.PLANNED} else state


def waits(state: str, visits: Iterable[Known]) -> bool:
    """Whether an order in this state stands in the backlog: open, and no visit has a day and a person."""
    return state in orders.OPEN and not any(visit.firm for visit in visits)


def shown(visits: Sequence[V]) -> V | None:
    """The visit that a screen with room for one tells of: the first open one, else the last."""
    return next((visit for visit in visits if visit.state in OPEN), visits[-1] if visits else None)
