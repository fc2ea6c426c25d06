"""The transition table and who may use it."""

from __future__ import annotations

import pytest

from domain.permissions import ALL_PERMISSIONS, GRANTED, Actor
from domain.work_order import APPROVED, DONE, STATES, TRANSITIONS, transition


def test_every_row_names_known_states_and_permissions() -> None:
    for row in TRANSITIONS:
        assert {row.source, row.target} <= set(STATES)
        assert row.permission in ALL_PERMISSIONS


def test_a_state_and_a_verb_lead_to_one_place() -> None:
    assert len({(row.source, row.verb) for row in TRANSITIONS}) == len(TRANSITIONS)


def test_only_an_executed_order_can_be_approved() -> None:
    assert {row.source for row in TRANSITIONS if row.target == APPROVED} == {DONE}
    assert [state for state in STATES if transition(state, "approve")] == [DONE]


def test_a_mechanic_performs_but_never_approves_or_sees_prices() -> None:
    assert "work_order:perform" in GRANTED["worker"]
    assert not GRANTED["worker"] & {"work_order:approve", "work_order:write", "price:read", "planning:read"}


def test_support_looking_along_may_write_nothing() -> None:
    guest = Actor(1, "vos", "Vos", None, "Sam", "owner", on_behalf_of="Vos")  # type: ignore[arg-type]
    writing = {word for word in ALL_PERMISSIONS if not word.endswith(":read")}
    assert [word for word in writing if guest.may(word)] == []


def test_a_misspelt_permission_is_an_error() -> None:
    with pytest.raises(KeyError):
        Actor(1, "vos", "Vos", None, "O", "owner").may("work_order:aprove")  # type: ignore[arg-type]
