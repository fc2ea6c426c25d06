"""Their books come back from an older copy, or somebody deletes our invoice: what happens then in the model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain import posting as states
from tests.model.world import FOREIGN, IDLE, NOW, Process, Row, State, Step, World, placed


class Vanishing:
    """The steps of an invoice that vanishes; part of tests.model.posting_model.Model, whose attributes it names."""

    world: World
    gone: int
    at: dict[int, datetime]
    quiet_window: timedelta

    def _begin(self, state: State, who: int, number: int, version: int, uncertain: bool | None = None) -> State:
        raise NotImplementedError

    def _found(self, state: State, number: int, version: int) -> set[tuple[bool, bool]]:
        raise NotImplementedError

    def _settle(self, row: Row, state: str) -> Row:
        raise NotImplementedError

    def _their_books(self, state: State) -> Iterator[Step]:
        """An older copy comes back once, and is put right again while nobody is at work and nothing is under way: what
        comes back between the last look and the sending is outside the claim."""
        row, processes, orphans, books, leaps, last = state
        if row is None or row[0] not in {states.POSTED, states.GONE}:
            return
        ours, lost = (row[2], row[3]), (row[2], -row[3])
        if ours in books and all(version >= FOREIGN for _, version in books):
            older = tuple(sorted((*(one for one in books if one != ours), lost)))
            yield "their books come back from an older copy", (row, processes, orphans, older, leaps, last)
        another = (row[2], FOREIGN)
        if self.world.another and lost in books and ours not in books and another not in books:
            more = tuple(sorted((*books, another)))
            yield "somebody makes another one under its number", (row, processes, orphans, more, leaps, last)
        quiet = not orphans and all(process == IDLE for process in processes) and another not in books
        if quiet and lost in books and ours not in books:
            right = tuple(sorted((*(one for one in books if one != lost), ours)))
            yield "their books are put right", (row, processes, orphans, right, leaps, last)

    def _read_back(self, state: State, who: int) -> Iterator[Step]:
        """The beginning of services.invoicing.missing.read_back, and of a reconciliation."""
        row = state[0]
        if self.world.vanish and row is not None and row[0] == states.POSTED:
            after_window = states.window_is_over(self.at[row[1]], self.quiet_window, NOW)
            yield "reads back", placed(state, who, ("missing", True, row[2], row[3], after_window))

    def _missing(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, mine, number, version, after_window = process
        for found, equal in self._found(state, number, version):
            following = states.POSTED
            if not equal:
                after = states.after_another if found else states.after_search
                following = after(False, after_window)
            yield f"searches: {found}", placed(state, who, ("searched", mine, number, version, following))
        yield "cannot search", placed(state, who, IDLE)

    def _searched(self, state: State, who: int, process: Process) -> Iterator[Step]:
        """services.invoicing.missing.settle."""
        row, following = state[0], process[4]
        if row is not None and row[0] == states.POSTED and following != states.POSTED:
            state = (self._settle(row, following), *state[1:])
        yield f"writes {following}", placed(state, who, IDLE)

    def _send_gone(self, state: State, who: int) -> Iterator[Step]:
        """The beginning of services.invoicing.missing.send_again and let_go."""
        row = state[0]
        if row is not None and row[0] == states.GONE:
            yield "sends what is gone", placed(state, who, ("looking", True, row[2], row[3]))

    def _looking(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, mine, number, version = process
        for found, equal in self._found(state, number, version):
            following = states.after_gone(found, equal, False)
            yield (
                f"looks once more: {found}",
                placed(state, who, ("sending_gone", mine, number, version, following)),
            )
        yield "cannot look once more", placed(state, who, IDLE)

    def _sending_gone(self, state: State, who: int, process: Process) -> Iterator[Step]:
        """Their end, in its transaction."""
        _, mine, number, version, following = process
        row = state[0]
        if row is None or row[0] != states.GONE or not mine:
            yield "finds it settled by another", placed(state, who, IDLE)
        elif following == states.SENDING:
            yield "sends the same again", self._begin(state, who, number, version, uncertain=True)
            kept = states.number_after_giving_up(row[0], row[4]) == states.FREE
            if self.world.giving_up:
                yield (
                    "lets it go",
                    placed(((states.ABANDONED, self.gone, row[2], row[3], kept), *state[1:]), who, IDLE),
                )
        else:
            yield f"writes {following}", placed((self._settle(row, following), *state[1:]), who, IDLE)
