"""The posting protocol when our database goes back to an older copy of itself while the books stay as they are.

The world of posting_model, and beside it: a copy that is made at some quiet moment, a database that is put back to it
once, the mark that it was (or none, when nobody noticed), the look over there, and the owner who says whose an invoice
is. Nothing of before is under way any more when it is put back: two minutes are enough for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain import behind as rules
from domain import posting as states
from domain.behind import Whose
from tests.model.posting_model import Model
from tests.model.world import FOREIGN, IDLE, World, in_order
from tests.model.world import State as Inner

Kept = tuple[Any, int] | None  # the row and the last number of the copy
State = tuple[Inner, Kept, bool, bool, bool]  # copy, put back, marked, known to be behind
NEW_NUMBER = ("presses: number", "sends the same again", "takes the next number", "passes over")


class RestoredModel:
    """What is explored. `noticed`: a restore, or the signs of life, mark the database."""

    def __init__(self, world: World, noticed: bool = True) -> None:
        self.model = Model(world)
        self.noticed = noticed

    def start(self) -> State:
        """Nothing happened yet."""
        return self.model.start(), None, False, False, False

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Everything that can happen next."""
        inner, kept, back, marked, behind = state
        quiet = all(one is IDLE for one in inner[1]) and not inner[2]
        if quiet and not back and kept is None:
            yield "a copy is made", (inner, (inner[0], inner[5]), back, marked, behind)
        if quiet and not back and kept is not None:
            yield "the copy is put back", ((kept[0], *inner[1:5], kept[1]), kept, True, self.noticed, behind)
        may = states.may_take_a_number(behind, marked)
        for label, after in self.model.steps(inner):
            if "passes over" in label and self._ours_among(inner, after) and rules.proves_behind(Whose.OURS):
                if inner[0] is not None:
                    refused = self.model._settle(inner[0], states.REFUSED)
                    left = tuple(IDLE if one[0] == "concluding" else one for one in inner[1])
                    stopped = (refused, in_order([*left]), *inner[2:])
                    yield "finds ours among those to pass over", (stopped, kept, back, marked, True)
            elif may or not any(one in label for one in NEW_NUMBER):
                yield label, (after, kept, back, marked, behind or self._proved(inner, after))
        if marked or behind:
            yield from self._look(state)

    def _proved(self, before: Inner, after: Inner) -> bool:
        """Whether somebody just looked a taken number up and found an invoice of ours that was never sent from here."""
        row = after[0]
        told = [one for one in after[1] if one[0] == "concluding" and one not in before[1]]
        ours = any(one[7] for one in told) and row is not None and not row[4]
        return ours and rules.proves_behind(Whose.OURS)

    @staticmethod
    def _ours_among(before: Inner, after: Inner) -> bool:
        """Whether one of the numbers that were passed over is an invoice of ours."""
        passed = range(before[5] + 1, after[5])
        return any(number in passed and version > FOREIGN for number, version in before[3])

    def _look(self, state: State) -> Iterator[tuple[str, State]]:
        """services.invoicing.looking_back.look: what is recognised is taken over, of another the owner says it."""
        inner, kept, back, _marked, _behind = state
        news = [one for one in inner[3] if one[1] != FOREIGN and self._is_news(inner, one[0])]
        if not news:
            yield "looks back: nothing is open", (inner, kept, back, False, False)
            return
        row = inner[0]
        live = None if row is None or row[0] == states.ABANDONED else row[0]
        if live is not None and not rules.may_be_taken_up(live):
            yield "looks back: it waits", (inner, kept, back, False, rules.stops(Whose.OURS))
            return
        for number, version in news:
            taken = (states.POSTED, self.model.gone, number, version, row is not None and row[4])
            others = tuple(IDLE if one is IDLE else (one[0], False, *one[2:]) for one in inner[1])
            adopted = (taken, others, *inner[2:5], max(inner[5], number))
            yield "looks back: it is taken over", (adopted, kept, back, False, False)
        yield "looks back: it waits for the owner", (inner, kept, back, False, rules.stops(Whose.OURS))

    def _is_news(self, inner: Inner, number: int) -> bool:
        row, last = inner[0], inner[5]
        if row is not None and row[2] == number and row[0] != states.ABANDONED:
            held = states.NUMBER_POSTED if row[0] == states.POSTED else states.HELD
            return rules.is_unknown(held, row[0])
        return rules.is_unknown(None if number > last else states.FREE, None)

    def wrong(self, state: State) -> str:
        """What is wrong with a state, or an empty text. While a copy that was put back is not looked at, or waits for
        somebody, nothing may be doubled; afterwards everything holds as ever."""
        inner, _kept, back, marked, behind = state
        if not back:
            return ""  # tests/model/test_model.py
        ours = [one for one in inner[3] if one[1] != FOREIGN]
        if len(ours) > 1:
            return "DOUBLED: two invoices for one order"
        return "" if marked or behind or not self.noticed else self.model.wrong(inner)
