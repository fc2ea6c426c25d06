"""What becomes of visits when their order moves, and of an order by its visits: every row of the tables."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain import visit as rules
from domain import work_order as orders


@dataclass(frozen=True)
class Known:
    """A visit as the rules know it."""

    state: str
    firm: bool = True


P, T, W, D, N = rules.STATES


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("plan", (P,), (P,)),
        ("unplan", (P, D), (P, D)),
        ("start", (P,), (W,)),
        ("start", (D, T, P), (D, W, P)),
        ("start", (P, P), (W, P)),
        ("start", (W, P), (W, P)),
        ("pause", (W, T, D), (P, P, D)),
        ("finish", (P, T, W, D, N), (D, D, D, D, N)),
        ("resume", (D, D), (D, W)),
        ("resume", (D, N), (W, N)),
        ("cancel", (P, T, W, D, N), (N, N, N, D, N)),
        ("revive", (N, D), (P, D)),
        ("approve", (D,), (D,)),
        ("reopen", (D,), (D,)),
        ("finish", (), ()),
    ],
)
def test_visits_follow_their_order(verb: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    assert rules.after(verb, before) == after


def test_the_only_visit_is_after_every_move_what_its_orders_state_says() -> None:
    for row in orders.TRANSITIONS:
        assert rules.after(row.verb, (rules.OF_ORDER[row.source],)) == (rules.OF_ORDER[row.target],), row
    assert set(rules.OF_ORDER) == set(orders.STATES)


@pytest.mark.parametrize(
    ("visits", "state"),
    [
        ((), orders.DRAFT),
        ((Known(P, firm=False),), orders.DRAFT),
        ((Known(P),), orders.PLANNED),
        ((Known(D), Known(P)), orders.PLANNED),
        ((Known(P), Known(T)), orders.STARTED),
        ((Known(W, firm=False),), orders.STARTED),
        ((Known(N), Known(D)), orders.DRAFT),
    ],
)
def test_what_visits_make_of_an_order(visits: tuple[Known, ...], state: str) -> None:
    assert rules.order_state(visits) == state


@pytest.mark.parametrize("firm", [True, False])
@pytest.mark.parametrize("state", orders.STATES)
def test_work_that_nobody_began_is_planned_when_it_has_a_day_and_a_person(state: str, firm: bool) -> None:
    follows = {"draft", "planned"}
    expected = ("planned" if firm else "draft") if state in follows else state
    assert rules.settled(state, [Known(rules.OF_ORDER[state], firm)]) == expected
    assert rules.settled(state, []) == ("draft" if state in follows else state)


@pytest.mark.parametrize("state", orders.STATES)
@pytest.mark.parametrize("firm", [True, False])
def test_open_work_without_a_day_and_a_person_waits(state: str, firm: bool) -> None:
    visit = Known(rules.OF_ORDER[state], firm)
    assert rules.waits(state, [visit]) == (state in {"draft", "planned", "started"} and not firm)
    assert rules.waits(state, []) == (state in {"draft", "planned", "started"})


def test_a_screen_with_room_for_one_tells_of_the_first_that_is_open() -> None:
    first, second, last = Known(D), Known(P), Known(N)
    assert rules.shown([first, second, last]) is second
    assert rules.shown([first, last]) is last
    assert rules.shown(list[Known]()) is None
