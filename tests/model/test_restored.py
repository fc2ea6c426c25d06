"""Our database put back to an older copy: at most one invoice, and nothing unknown once somebody looked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain import behind as rules
from domain import posting as states
from tests.model.explore import explore
from tests.model.restored_model import RestoredModel
from tests.model.world import World

# A call is over at once or within a tick: what takes longer is what posting_model's worlds are about.
AT_ONCE = World(
    tick=60, start_within=0, deadline=0, late=0, leap=0, lease=60, quiet=60, giving_up=False, settles=False, contents=1
)
REFUSED = replace(AT_ONCE, foreign=True)
LISTED = replace(REFUSED, listed=True, most_numbers=3)
LET_THROUGH = replace(AT_ONCE, used_numbers="let_through", deadline=20, quiet=180)
INSIDE = {
    "numbers refused, noticed": (REFUSED, True),
    "numbers refused, nobody noticed": (REFUSED, False),
    "numbers let through, noticed": (LET_THROUGH, True),
    "numbers refused and a list of them, nobody noticed": (LISTED, False),
}
# for `make model-check`: the order may be changed between two attempts
LARGER = {
    "numbers refused, changed": (replace(AT_ONCE, contents=2), True),
    "numbers let through, changed": (replace(LET_THROUGH, contents=2), True),
}


@pytest.mark.parametrize(("world", "noticed"), INSIDE.values(), ids=INSIDE)
def test_a_database_that_is_put_back_doubles_nothing(world: World, noticed: bool) -> None:
    seen = explore(RestoredModel(world, noticed))
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 10_000, "the world became so small that the check no longer says much"


def test_outside_the_claim_a_copy_that_nobody_noticed_doubles_where_numbers_are_let_through() -> None:
    seen = explore(RestoredModel(LET_THROUGH, noticed=False))
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)


BREAKS: dict[str, tuple[World, bool, object, str, Callable[..., object]]] = {
    "nobody looks back first": (LET_THROUGH, True, states, "may_take_a_number", lambda behind, look_back: not behind),
    "what is behind sends all the same": (
        LET_THROUGH,
        True,
        states,
        "may_take_a_number",
        lambda behind, look_back: not look_back,
    ),
    "an invoice of ours is no proof": (LET_THROUGH, True, rules, "stops", lambda kind: False),
    "an invoice of ours is passed over as anybody's": (LISTED, False, rules, "proves_behind", lambda kind: False),
    "nothing over there is news": (LET_THROUGH, True, rules, "is_unknown", lambda number, holder: False),
}


@pytest.mark.parametrize(("world", "noticed", "module", "name", "broken"), BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_turns_it_red(
    world: World, noticed: bool, module: object, name: str, broken: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(module, name, broken)
    seen = explore(RestoredModel(world, noticed))
    print(seen)
    assert seen.wrong.startswith(("DOUBLED", "LOST")), str(seen)


def test_what_names_this_very_order_must_not_be_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    before = states.after_number_taken
    monkeypatch.setattr(
        states, "after_number_taken", lambda found, equal, uncertain, *_behind, **_more: before(found, equal, uncertain)
    )
    monkeypatch.setattr(rules, "proves_behind", lambda kind: False)
    seen = explore(RestoredModel(replace(AT_ONCE, contents=2), noticed=False))
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)
