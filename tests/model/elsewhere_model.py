"""The posting protocol when the link goes to another administration and back, at any moment.

The world of posting_model, and beside it which of two administrations is linked. A number says in whose books it is:
those of the second begin at 101. Whoever reads the posting or presses has the credentials of the administration that is
linked then, and keeps them until it is done. Of one that is not linked the codes may be kept for looking up, or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain import posting as states
from tests.model.posting_model import Model
from tests.model.world import Process, Step, placed
from tests.model.world import State as Inner

FIRST, SECOND = 1, 2
_APART = 100
State = tuple[Inner, int]


def books_of(number: int) -> int:
    """In whose books a number is."""
    return SECOND if number > _APART else FIRST


def _serial(number: int) -> int:
    return number % _APART


def _there(number: int, administration: int) -> int:
    """The number that looks the same in that administration."""
    return _serial(number) + _APART * (administration - FIRST)


class Linked(Model):
    """The steps, while `linked` is the administration that whoever begins something asks or sends to."""

    linked = FIRST
    keeps = True
    remembers = True

    def _sendable(self, state: Inner) -> Iterator[tuple[int, int]]:
        """services.invoicing.intending.intend, and numbers of the administration that is linked."""
        row = state[0]
        if row is not None and not states.belongs_in(books_of(row[2]), self.linked):
            live = None if row[0] == states.ABANDONED else row[0]
            if not states.may_send(live) or (live and not states.may_move_on(live, row[4])):
                return
            row = (states.ABANDONED, row[1], 0, row[3], False)  # it lets go of its number over there
        bare = None if row is None else (*row[:2], _serial(row[2]), *row[3:])
        for number, version in super()._sendable((bare, *state[1:])):
            yield _there(number, self.linked), version

    def _begin(self, state: Inner, who: int, number: int, version: int, uncertain: bool | None = None) -> Inner:
        row, mine = state[0], state[1][who]
        if mine[0] == "concluding":
            number = _there(number, books_of(mine[2]))
        if uncertain is None and row is not None and books_of(row[2]) != books_of(number):
            uncertain = False
        begun = super()._begin(state, who, number, version, uncertain)
        return (*begun[:5], max(state[5], _serial(number)))

    def _check(self, state: Inner, who: int) -> Iterator[Step]:
        """services.invoicing.recovery.check: one that is not linked is asked by its kept codes, if there are any."""
        row = state[0]
        if row is None:
            return
        linked = states.belongs_in(books_of(row[2]), self.linked)
        if not (linked or self.keeps):
            return
        where = self.linked if linked else books_of(row[2])
        for label, (first, processes, *rest) in super()._check(state, who):
            asked = ("reading" if linked else "looking", True, _there(row[2], where), *processes[2][3:])
            yield label, (first, (*processes[:2], asked), *rest)

    def _looking(self, state: Inner, who: int, process: Process) -> Iterator[Step]:
        """The same as `_reading`, by codes that send nothing."""
        _, mine, number, version, after_window = process
        for found, equal in self._found(state, number, version):
            following = states.after_look_up(found, equal, after_window, may_send=False)
            hit = "finds it" if found else "does not find it"
            yield f"{hit} by kept codes", placed(state, who, ("looked_up", mine, number, version, following))
        yield "cannot look it up", placed(state, who, ("looked_up", mine, number, version, states.UNCERTAIN))

    def _looked_up(self, state: Inner, who: int, process: Process) -> Iterator[Step]:
        """That it may have arrived is never forgotten, also when it was not found."""
        for label, after in super()._looked_up(state, who, process):
            row = after[0]
            if label == f"writes {states.NOT_SENT}" and row is not None:
                after = ((*row[:4], self.remembers), *after[1:])
            yield label, after


class ElsewhereModel:
    """What is explored."""

    def __init__(self, world: object) -> None:
        self.model = Linked(world)  # type: ignore[arg-type]

    def start(self) -> State:
        """Nothing happened yet."""
        return self.model.start(), FIRST

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Everything that can happen next."""
        inner, linked = state
        self.model.linked = linked
        for label, after in list(self.model.steps(inner)):
            yield label, (after, linked)
        other = SECOND if linked == FIRST else FIRST
        yield f"another administration is linked: {other}", (inner, other)

    def wrong(self, state: State) -> str:
        """What is wrong with a state, or an empty text. What settles at all does so once its own administration is
        linked."""
        inner, _linked = state
        self.model.linked = FIRST if inner[0] is None else books_of(inner[0][2])
        return self.model.wrong(inner)
