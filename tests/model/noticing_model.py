"""Signs of life when the database goes back to an older copy of itself: whoever sends has to notice it before.

Two programs that begin, give signs, press and end at any moment, or are slow; one database with their rows; a copy that
is made at some moment and put back once, in each way that a copy can be put back: between two runs while nobody has the
file open, beneath programs whose connections break, beneath programs that notice nothing, and with the whole machine.
Nothing of before is under way any more then. What to make of a sign domain/signs.py says, here as there. A minute is a
tick.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain import signs

NOW = datetime(2026, 11, 27, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AWAY = 15 * MINUTE
OLDEST = 3  # ticks, after which nothing gets older in any way that matters
TWO_MINUTES = 2  # ticks
FILES, SERVER, BENEATH, MACHINE = "files", "a server", "rows beneath who goes on", "a machine"
_GIVEN = 2  # how many signs a program gave, whenever it gave any: only whether its row counts as many matters


class Program(NamedTuple):
    """A program that runs. `since`: ticks since its last sign by the world's clock, -1 before the first; `lost`: a
    connection broke since; `serial` tells it from those before it."""

    serial: int
    since: int = -1
    lost: bool = False


class Sign(NamedTuple):
    """The row of a program. `counts`: as many signs as it gave, or fewer when the row is one of before."""

    serial: int
    age: int
    run: int
    counts: int = _GIVEN


class Database(NamedTuple):
    """`marked`: everybody looks back. `knows`: it knows all that was sent."""

    signs: frozenset[Sign] = frozenset()
    marked: bool = False
    knows: bool = True


Programs = tuple[Program | None, ...]


class State(NamedTuple):
    """`copy`: the database as it was copied, with what the programs remembered then; `sent` and `gave`: whether
    anything was sent since, and who gave a sign. `quiet`: ticks since anything was sent. `begun`: how many programs
    ever began. `back`: the copy was put back."""

    programs: Programs = (None, None)
    database: Database = Database()
    copy: tuple[Database, Programs] | None = None
    sent: bool = False
    gave: frozenset[int] = frozenset()
    quiet: int = TWO_MINUTES
    run: int = 1
    begun: int = 0
    back: bool = False
    doubled: bool = False


class NoticingModel:
    """What is explored: one way of putting back. `quiet`: ticks that it takes at least since anything
    was sent."""

    def __init__(self, way: str, most: int = 2) -> None:
        self.way, self.most = way, most
        self.quiet = {FILES: 0, SERVER: 0, BENEATH: 1, MACHINE: TWO_MINUTES}[way]

    def start(self) -> State:
        """Nobody works yet."""
        return State()

    def wrong(self, state: State) -> str:
        """What is wrong with a state, or an empty text."""
        return "DOUBLED: pressed without a look where not all is known that was sent" if state.doubled else ""

    def steps(self, state: State) -> Iterator[tuple[str, State]]:
        """Everything that can happen next."""
        if state.doubled:
            return
        for who, program in enumerate(state.programs):
            if program is not None:
                yield f"program {who} gives a sign", self._sign(state, who)
                yield f"program {who} ends", _with(state, who, None)
                yield f"program {who} presses", self._press(state, who)
            elif state.begun < self.most:
                yield f"program {who} begins", self._begun(state, who)
        if state.copy is None and not state.back:
            kept = (state.database, state.programs)
            yield "a copy is made", state._replace(copy=kept, sent=False, gave=frozenset())
        if state.copy is not None and state.quiet >= self.quiet and not (self.way == FILES and any(state.programs)):
            yield f"the copy is put back: {self.way}", self._put_back(state, *state.copy)
        yield "a minute passes", self._later(state)

    # -- programs ------------------------------------------------------------------------------------

    def _begun(self, state: State, who: int) -> State:
        """tenancy.run.join: on SQLite whoever is alone begins a run."""
        alone = self.way != SERVER and not any(state.programs)
        fresh = state._replace(begun=state.begun + 1, run=state.run + alone)
        there = _with(fresh, who, Program(fresh.begun))
        if self.way != BENEATH:
            return there  # its first sign may be slow
        return self._sign(there, next(n for n, one in enumerate(there.programs) if one and one.serial == fresh.begun))

    def _sign(self, state: State, who: int) -> State:
        """services.heartbeat.beat, and what its process keeps of it."""
        mine = state.programs[who]
        assert mine is not None
        newest = min((one.age for one in state.database.signs if self._counts(one, state.run)), default=None)
        counts = next((one.counts for one in state.database.signs if one.serial == mine.serial), None)
        there, given = 0 if counts is None else counts + 1, 0 if mine.since < 0 else _GIVEN
        at = None if newest is None else NOW - newest * MINUTE
        here = signs.is_as_left(there, given) and signs.somebody_was_here(at, NOW, AWAY)
        rows = {one for one in state.database.signs if one.serial != mine.serial} | {Sign(mine.serial, 0, state.run)}
        written = state.database._replace(signs=frozenset(rows), marked=state.database.marked or not here)
        gave = state.gave if state.copy is None else state.gave | {mine.serial}
        return _with(state._replace(database=written, gave=gave), who, Program(mine.serial, 0))

    def _counts(self, sign: Sign, run: int) -> bool:
        return sign.run == run

    def _lately(self, mine: Program) -> bool:
        """services.heartbeat.lately."""
        return mine.since >= 0 and not mine.lost and not signs.stood_still(mine.since * MINUTE)

    def _press(self, state: State, who: int) -> State:
        """services.invoicing.looking_back.credentials_to_send, and the invoice goes out."""
        mine = state.programs[who]
        assert mine is not None
        if not self._lately(mine):
            state = self._sign(state, who)
        if state.database.marked:
            state = state._replace(database=state.database._replace(marked=False, knows=True))
        return state._replace(doubled=not state.database.knows, quiet=0, sent=state.copy is not None)

    # -- the world -----------------------------------------------------------------------------------

    def _later(self, state: State) -> State:
        older = tuple(map(self._older, state.programs))
        kept = None if state.copy is None else (self._aged(state.copy[0]), tuple(map(self._older, state.copy[1])))
        quiet = min(state.quiet + 1, TWO_MINUTES)
        later = state._replace(programs=older, database=self._aged(state.database), copy=kept, quiet=quiet)
        return self._signs(later) if self.way == BENEATH else later  # else they may be slow, or not run at all

    def _older(self, mine: Program | None) -> Program | None:
        if mine is None or mine.since < 0:
            return mine
        return mine._replace(since=min(mine.since + 1, OLDEST))

    def _aged(self, database: Database) -> Database:
        aged = (one._replace(age=min(one.age + 1, OLDEST)) for one in database.signs)
        return database._replace(signs=frozenset(aged))

    def _put_back(self, state: State, kept: Database, remembered: Programs) -> State:
        if self.way != MACHINE:
            rows = (one._replace(counts=_GIVEN - 1) if one.serial in state.gave else one for one in kept.signs)
            kept = kept._replace(signs=frozenset(rows))
        kept = kept._replace(knows=kept.knows and not state.sent)
        put = state._replace(database=kept, copy=None, sent=False, gave=frozenset(), back=True)
        if self.way == MACHINE:
            return put._replace(programs=remembered)
        if self.way == SERVER:
            return put._replace(run=state.run + 1, programs=tuple(map(_broken, state.programs)))
        return self._next_signs(put)

    def _next_signs(self, state: State) -> State:
        """Of rows that are put back beneath programs: each gives its next sign before anybody presses there."""
        return self._signs(state)

    def _signs(self, state: State) -> State:
        for who, program in enumerate(state.programs):
            state = state if program is None else self._sign(state, who)
        return state


def _with(state: State, who: int, program: Program | None) -> State:
    programs = [program if n == who else one for n, one in enumerate(state.programs)]
    programs.sort(key=lambda one: (one is None, one or ()))  # which of them does what makes no difference
    return state._replace(programs=tuple(programs))


def _broken(program: Program | None) -> Program | None:
    return None if program is None else program._replace(lost=True)
