"""At most one invoice, never lost, never stuck: every reachable state inside the claim, and what happens outside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.explore import explore
from tests.model.posting_model import Model
from tests.model.world import World

# Claim (a): used numbers are refused; then no bound on time is needed, as long as nobody gives an attempt up.
UNBOUNDED = World(
    start_within=None, deadline=None, late=None, leap=None, lease=60, quiet=60, tick=60, giving_up=False, foreign=True
)
# Claim (b): used numbers may be let through; the times of the design are what keeps it.
BOUNDED = World(used_numbers="let_through", tick=60)
IN_A_ROW = replace(UNBOUNDED, in_a_row=2, listed=True, most_numbers=3)
NEW_YEAR = replace(UNBOUNDED, foreign=False, new_year=True)
INSIDE = {
    "numbers let through, the bounds of the claim": BOUNDED,
    "numbers refused, the bounds of the claim, a number that is taken over there": World(tick=60, foreign=True),
    "numbers refused, no bound on time, a number that is taken over there": UNBOUNDED,
    "numbers refused, no bound on time, a new year between two attempts": NEW_YEAR,
    "numbers refused, two in a row are taken over there, and a list tells": IN_A_ROW,
}
ANOTHER = World(tick=60, vanish=True, another=True, contents=1, giving_up=False, leap=0)
# Their books come back from an older copy: within the bounds as well, whether numbers are refused or let through.
RESTORED = {
    "numbers let through": World(used_numbers="let_through", tick=60, vanish=True, contents=1),
    "numbers refused, a number that is taken over there": World(tick=60, vanish=True, foreign=True, contents=1),
    "numbers refused, and another one is made under its number": ANOTHER,
}
# The clock is set back, by anything and as often as it likes; and a person asks without waiting for the lease.
SET_BACK = {
    "numbers let through": World(used_numbers="let_through", tick=60, back=True, contents=1),
    "numbers refused, a number that is taken over there": World(tick=60, foreign=True, back=True, contents=1),
}
ASKED = World(tick=60, foreign=True, asked=True, contents=1)
# Numbers let through and one bound broken: nobody can keep it then (docs/reliability.md).
OUTSIDE = {
    "the bookkeeping acts 400 s late": World(used_numbers="let_through", late=400, settles=False),
    "the clock leaps 300 s ahead": World(used_numbers="let_through", leap=300, settles=False),
    "a process may start after any time": World(used_numbers="let_through", start_within=None, settles=False),
    "the quiet window is 120 s": World(used_numbers="let_through", quiet=120, settles=False),
}


@pytest.mark.parametrize("world", INSIDE.values(), ids=INSIDE)
def test_inside_the_claim_nothing_is_ever_doubled_lost_or_stuck(world: World) -> None:
    seen = explore(Model(world))
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 50_000, "the world became so small that the check no longer says much"


@pytest.mark.parametrize("world", RESTORED.values(), ids=RESTORED)
def test_books_of_theirs_that_came_back_older_are_noticed_and_nothing_is_doubled(world: World) -> None:
    seen = explore(Model(world))
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 40_000, "the world became so small that the check no longer says much"


@pytest.mark.parametrize("world", SET_BACK.values(), ids=SET_BACK)
def test_a_clock_that_is_set_back_doubles_nothing_and_nothing_waits_as_long_as_the_jump(world: World) -> None:
    seen = explore(Model(world))
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 40_000, "the world became so small that the check no longer says much"


def test_who_asks_while_somebody_is_at_it_decides_only_by_finding_our_invoice() -> None:
    seen = explore(Model(ASKED))
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 40_000, "the world became so small that the check no longer says much"


@pytest.mark.parametrize("world", OUTSIDE.values(), ids=OUTSIDE)
def test_outside_the_claim_with_numbers_let_through_the_check_finds_the_double(world: World) -> None:
    seen = explore(Model(world))
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)


def test_giving_up_what_may_have_arrived_needs_the_bounds_also_where_numbers_are_refused() -> None:
    world = World(start_within=None, deadline=None, late=None, leap=None, lease=60, quiet=60, tick=60)
    seen = explore(Model(world))
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)
    assert "somebody gives up" in seen.trace
