"""The small decisions about a posting that the model check does not reach: giving up and its number."""

from __future__ import annotations

import pytest

from domain import posting as states


@pytest.mark.parametrize(
    ("state", "attempted_uncertain", "number"),
    [
        (states.REFUSED, False, states.FREE),
        (states.NOT_SENT, False, states.FREE),
        (states.REFUSED, True, states.VOID),
        (states.NOT_SENT, True, states.VOID),
        (states.CONFLICT, False, states.VOID),
        (states.CONFLICT, True, states.VOID),
    ],
)
def test_a_number_is_free_again_only_when_every_attempt_was_a_certain_no(
    state: str, attempted_uncertain: bool, number: str
) -> None:
    assert states.number_after_giving_up(state, attempted_uncertain) == number


@pytest.mark.parametrize(
    ("found", "equal", "attempted_uncertain", "state"),
    [
        (True, True, True, states.POSTED),
        (True, False, True, states.CONFLICT),
        (False, False, True, states.CONFLICT),
        (None, False, True, states.UNCERTAIN),
        (True, False, False, states.SENDING),
        (True, True, False, states.CONFLICT),
        (False, False, False, states.CONFLICT),
        (None, False, False, states.CONFLICT),
    ],
)
def test_after_a_taken_number_a_failed_look_up_decides_nothing_once_an_attempt_may_have_arrived(
    found: bool | None, equal: bool, attempted_uncertain: bool, state: str
) -> None:
    assert states.after_number_taken(found, equal, attempted_uncertain) == state


def test_only_a_certain_no_and_a_conflict_may_be_given_up() -> None:
    allowed = {state for state in states.STATES if states.may_give_up(state)}
    assert allowed == {states.REFUSED, states.NOT_SENT, states.CONFLICT}
    assert not states.may_give_up(None)


def test_whatever_locks_the_order_is_not_sent_by_a_press() -> None:
    assert {state for state in states.STATES if states.may_send(state)} == set(states.MAY_SEND_AGAIN)
    assert states.MAY_SEND_AGAIN.isdisjoint(states.LOCKS_ORDER)
    assert states.may_send(None)
