"""What becomes of an open invoice when the link is changed."""

from __future__ import annotations

import pytest

from domain import leaving
from domain import posting as states


@pytest.mark.parametrize(
    ("state", "uncertain_before", "says"),
    [
        (states.SENDING, False, "afgewacht"),
        (states.UNCERTAIN, True, "niet meer opgezocht"),
        (states.CONFLICT, False, "Vergelijken"),
        (states.GONE, True, "Opnieuw versturen"),
        (states.REFUSED, False, "nieuw nummer"),
        (states.NOT_SENT, False, "nieuw nummer"),
        (states.NOT_SENT, True, "pas nadat u"),
    ],
)
def test_each_state_says_what_becomes_of_it(state: str, uncertain_before: bool, says: str) -> None:
    assert says in str(leaving.becomes(state, uncertain_before))


def test_whatever_is_not_posted_or_let_go_is_open() -> None:
    assert set(states.STATES) - leaving.OPEN == {states.POSTED, states.ABANDONED}
