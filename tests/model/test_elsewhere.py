"""Another administration is linked, at any moment and any number of times: nothing is doubled, lost or stuck; and the
rules that keep it so, taken away one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain import posting as states
from tests.model.elsewhere_model import ElsewhereModel, Linked
from tests.model.explore import explore
from tests.model.test_model import BOUNDED, UNBOUNDED

WORLDS = {
    "numbers let through, the bounds of the claim": replace(BOUNDED, contents=1),
    "numbers refused, no bound on time": replace(UNBOUNDED, foreign=False, contents=1),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_whichever_administration_is_linked_nothing_is_doubled_lost_or_stuck(world: object) -> None:
    seen = explore(ElsewhereModel(world))  # type: ignore[arg-type]
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 5_000, "the world became so small that the check no longer says much"


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_a_look_up_elsewhere_that_counts_doubles(world: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "belongs_in", lambda _administration, _books: True)
    seen = explore(ElsewhereModel(world))  # type: ignore[arg-type]
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)
    assert "another administration is linked" in str(seen.trace)


def test_what_may_have_arrived_once_moves_on_only_when_somebody_lets_it_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "may_move_on", lambda state, _uncertain: state in states.MAY_SEND_AGAIN)
    seen = explore(ElsewhereModel(WORLDS["numbers refused, no bound on time"]))  # type: ignore[arg-type]
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)


def test_what_was_looked_up_in_vain_by_kept_codes_may_have_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Linked, "remembers", False)
    seen = explore(ElsewhereModel(WORLDS["numbers refused, no bound on time"]))  # type: ignore[arg-type]
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)
    assert "by kept codes" in str(seen.trace)
