"""Every rule of the protocol broken on purpose: the model check must turn red, and shows the shortest way there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from domain import posting as states
from domain.outcome import Uncertain
from tests.model.explore import explore
from tests.model.posting_model import Model
from tests.model.test_model import ANOTHER, ASKED, IN_A_ROW, NEW_YEAR, UNBOUNDED
from tests.model.world import IDLE, Process, State, Step, World

LET_THROUGH = World(used_numbers="let_through", settles=False)
REFUSED = World(settles=False)
FREE_TIME = replace(UNBOUNDED, foreign=False)
RESTORED = World(used_numbers="let_through", tick=60, vanish=True)
TAKEN_THERE = World(tick=60, foreign=True)
SET_BACK = World(tick=60, foreign=True, back=True, contents=1)

Break = Callable[[pytest.MonkeyPatch], type[Model]]


def replaced(name: str, function: Callable[..., object]) -> Break:
    """One decision of domain/posting.py answered wrongly."""

    def apply(patch: pytest.MonkeyPatch) -> type[Model]:
        patch.setattr(states, name, function)
        return Model

    return apply


class NoReservation(Model):
    """The number is thought of at the call and lives in memory: the row, and so the look-up, does not know it."""

    def _begin(self, state: State, who: int, number: int, version: int, uncertain: bool | None = None) -> State:
        fresh = state[5] + 1
        row, *rest = super()._begin(state, who, fresh, version, uncertain)
        assert row is not None
        return ((*row[:2], -1, *row[3:]), *rest)

    def _sendable(self, state: State) -> Iterator[tuple[int, int]]:
        if state[5] < self.world.most_numbers:
            yield from super()._sendable(state)

    def _settling(self, state: State, who: int, process: Process) -> Iterator[Step]:
        row, mine, number, key = state[0], process[1], process[2], process[4]
        if row is not None and mine and key == "posted":  # only now it becomes known
            state = ((*row[:2], number, *row[3:]), *state[1:])
        yield from super()._settling(state, who, process)


class NewNumberOnRetry(Model):
    """After a miss the invoice goes out again under the next number."""

    def _looked_up(self, state: State, who: int, process: Process) -> Iterator[Step]:
        if process[4] == states.SENDING and state[5] < self.world.most_numbers:
            process = (*process[:2], state[5] + 1, *process[3:])
        yield from super()._looked_up(state, who, process)


class NoIntent(Model):
    """Post, then write: nothing is committed before the call."""

    def _begin(self, state: State, who: int, number: int, version: int, uncertain: bool | None = None) -> State:
        return (state[0], *super()._begin(state, who, number, version, uncertain)[1:])

    def _press(self, state: State, who: int) -> Iterator[Step]:
        if state[5] < self.world.most_numbers:
            yield from super()._press(state, who)


class NoLock(Model):
    """No row lock and no unique index: a press reads, and writes what it read later."""

    def _press(self, state: State, who: int) -> Iterator[Step]:
        for number, version in self._sendable(state):
            yield "reads that it may send", _with(state, who, ("writing_intent", False, number, version))

    def _writing_intent(self, state: State, who: int, process: Process) -> Iterator[Step]:
        _, _, number, version = process
        yield "writes the intent", self._begin(state, who, number, version)


class Forgetful(Model):
    """That an attempt may have arrived is forgotten."""

    def steps(self, state: State) -> Iterator[Step]:
        for label, (row, *rest) in super().steps(state):
            yield label, (None if row is None else (*row[:4], False), *rest)


def all_forgotten(patch: pytest.MonkeyPatch) -> type[Model]:
    """Either of the two alone would still keep a second invoice back."""
    asked = states.after_number_taken
    patch.setattr(states, "after_number_taken", lambda *given, this_order: asked(*given))
    return Forgetful


class AnythingIsOurs(Model):
    """Whatever stands under our number is taken for our invoice."""

    def _found(self, state: State, number: int, version: int) -> set[tuple[bool, bool]]:
        return {(found, found) for found, _ in super()._found(state, number, version)}


def _with(state: State, who: int, process: Process) -> State:
    processes = [*state[1]]
    processes[who] = process
    processes[:2] = sorted(processes[:2])
    return (state[0], tuple(processes), *state[2:])


_state_after, _may_settle = states.state_after, states.may_settle

BREAKS: dict[str, tuple[str, World, Break]] = {
    "no number reservation, numbers let through": ("DOUBLED", LET_THROUGH, lambda _: NoReservation),
    "no number reservation, numbers refused": ("DOUBLED", REFUSED, lambda _: NoReservation),
    "no look-up: a blind resend after the window": (
        "DOUBLED",
        LET_THROUGH,
        replaced("after_look_up", lambda found, equal, after: states.SENDING if after else states.UNCERTAIN),
    ),
    "no start guard": ("DOUBLED", LET_THROUGH, replaced("may_start", lambda now, start_by: True)),
    "no quiet window": ("DOUBLED", LET_THROUGH, replaced("window_is_over", lambda lease, window, now: True)),
    "no intent before the call": ("LOST", REFUSED, lambda _: NoIntent),
    "no row lock and no unique index": ("DOUBLED", LET_THROUGH, lambda _: NoLock),
    "a press sends what is uncertain": (
        "DOUBLED",
        LET_THROUGH,
        replaced("may_send", lambda live: live is None or live in states.MAY_SEND_AGAIN | {states.UNCERTAIN}),
    ),
    "no answer is taken for not sent": (
        "HIDDEN",
        LET_THROUGH,
        replaced("state_after", lambda o: states.NOT_SENT if isinstance(o, Uncertain) else _state_after(o)),
    ),
    "whoever comes late overwrites": (
        "HIDDEN",
        LET_THROUGH,
        replaced("may_settle", lambda outcome, state, same_lease, same_invoice: True),
    ),
    "a late yes counts for changed content": (
        "LOST",
        FREE_TIME,
        replaced("may_settle", lambda outcome, state, lease, _: _may_settle(outcome, state, lease, True)),
    ),
    "a look-up is acted upon though the posting moved on": (
        "DOUBLED",
        LET_THROUGH,
        replaced("may_conclude", lambda state, same_lease: True),
    ),
    "a new number on retry": ("DOUBLED", FREE_TIME, lambda _: NewNumberOnRetry),
    "a new year always means a new number": (
        "DOUBLED",
        NEW_YEAR,
        replaced("keeps_number", lambda state, uncertain, same_year: same_year),
    ),
    "a taken number always means the next one": (
        "DOUBLED",
        FREE_TIME,
        replaced("after_number_taken", lambda found, equal, uncertain, *_more, **_named: states.SENDING),
    ),
    "an uncertain attempt is forgotten, and so is whose order an invoice names": ("DOUBLED", FREE_TIME, all_forgotten),
    "any invoice under our number is ours": ("LOST", TAKEN_THERE, lambda _: AnythingIsOurs),
    "an interrupted posting is left alone": (
        "STUCK",
        TAKEN_THERE,
        replaced("is_interrupted", lambda state, lease, now: False),
    ),
    "a lease is believed however far ahead it lies": (
        "STUCK",
        SET_BACK,
        replaced("is_interrupted", lambda state, lease, now: state == states.SENDING and lease < now),
    ),
    "the quiet window counts from a lease however far ahead it lies": (
        "STUCK",
        SET_BACK,
        replaced("lease_counted", lambda lease, now: lease),
    ),
    "after a clock was set back the quiet window is over at once": (
        "DOUBLED",
        replace(LET_THROUGH, tick=60, back=True, contents=1),
        replaced("lease_counted", lambda lease, now: lease if lease < now + 3 * states.LEASE else None),
    ),
    "any invoice that a person finds while somebody is at it is ours": (
        "LOST",
        ASKED,
        replaced("counts_at_once", lambda found, equal: found),
    ),
    "a posted invoice that vanished stays posted": (
        "LOST",
        RESTORED,
        replaced("after_search", lambda elsewhere, after: states.POSTED),
    ),
    "a posted invoice stays posted though another one stands under its number": (
        "LOST",
        ANOTHER,
        replaced("after_another", lambda elsewhere, after: states.POSTED),
    ),
    "whatever is taken is passed over blindly": (
        "DOUBLED",
        replace(IN_A_ROW, most_numbers=4),  # one is free after the two that are taken and ours
        replaced("after_number_taken", lambda found, equal, uncertain, *_more, **_named: states.SENDING),
    ),
    "a blind resend of what is gone": (
        "DOUBLED",
        replace(RESTORED, giving_up=False),
        replaced("after_gone", lambda found, equal, elsewhere: states.SENDING),
    ),
    "a miss never leads to a resend": (
        "STUCK",
        TAKEN_THERE,
        replaced("after_look_up", lambda found, equal, after: states.POSTED if equal else states.UNCERTAIN),
    ),
}


@pytest.mark.parametrize(("word", "world", "breaking"), BREAKS.values(), ids=BREAKS)
def test_a_broken_rule_turns_the_model_check_red(
    word: str, world: World, breaking: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = explore(breaking(monkeypatch)(world))
    print(seen)
    assert seen.wrong.startswith(word), str(seen)


class NoSecondTransaction(Model):
    """The outcome of a call is never written."""

    def _settling(self, state: State, who: int, process: Process) -> Iterator[Step]:
        yield "forgets the outcome", _with(state, who, IDLE)


def test_a_lost_second_transaction_is_mended_by_recovery() -> None:
    seen = explore(NoSecondTransaction(World(used_numbers="let_through", tick=60)))
    print(seen)
    assert seen.wrong == "", str(seen)
