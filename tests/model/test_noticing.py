"""A copy that is put back, in whatever way, is noticed before anything is sent from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain import signs
from tests.model.explore import explore
from tests.model.noticing_model import BENEATH, FILES, MACHINE, SERVER, NoticingModel, Program, Sign, State

WAYS = (FILES, SERVER, BENEATH, MACHINE)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_sent_from_a_copy_before_somebody_looked(way: str) -> None:
    seen = explore(NoticingModel(way))
    print(seen)
    assert seen.wrong == "", str(seen)
    assert seen.states > 3_000, "the world became so small that the check no longer says much"


class AtOnce(NoticingModel):
    """Somebody presses before the program gave its next sign."""

    def _next_signs(self, state: State) -> State:
        return state


def test_outside_the_claim_rows_put_back_beneath_a_program_double_until_its_next_sign() -> None:
    seen = explore(AtOnce(BENEATH))
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)


class AnyRun(NoticingModel):
    """A sign counts whatever run of the database it was given in."""

    def _counts(self, sign: Sign, run: int) -> bool:
        return True


class NothingBreaks(NoticingModel):
    """That a connection broke tells nobody anything."""

    def _lately(self, mine: Program) -> bool:
        return super()._lately(mine._replace(lost=False))


BREAKS: dict[str, tuple[str, type[NoticingModel], str, Callable[..., object] | None]] = {
    "a sign of another run counts, files": (FILES, AnyRun, "", None),
    "a sign of another run counts, a server": (SERVER, AnyRun, "", None),
    "a broken connection is nothing": (SERVER, NothingBreaks, "", None),
    "nobody was ever away": (FILES, NoticingModel, "somebody_was_here", lambda newest, now, within: True),
    "a row of before is as it was left": (BENEATH, NoticingModel, "is_as_left", lambda there, given: True),
    "nobody ever stood still": (MACHINE, NoticingModel, "stood_still", lambda since: False),
    "old signs count as well": (
        MACHINE,
        NoticingModel,
        "somebody_was_here",
        lambda newest, now, away: newest is not None,
    ),
}


@pytest.mark.parametrize(("way", "model", "name", "broken"), BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_turns_it_red(
    way: str, model: type[NoticingModel], name: str, broken: Callable[..., object] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if broken is not None:
        monkeypatch.setattr(signs, name, broken)
    seen = explore(model(way))
    print(seen)
    assert seen.wrong.startswith("DOUBLED"), str(seen)
