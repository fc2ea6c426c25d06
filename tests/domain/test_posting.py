"""The small decisions about a posting that the model check does not reach: giving up and its number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain import posting as states
from domain.message import as_written
from domain.outcome import NotSent, Outcome, Posted, Problem, Refused, Uncertain

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
OUTCOMES: tuple[Outcome, ...] = (
    Posted("WB2026-0001"),
    Refused("CFACT025", "Onbekend", Problem.OTHER),
    NotSent(as_written("verbroken")),
    Uncertain(as_written("verbroken")),
)


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


@pytest.mark.parametrize(
    ("found", "attempted_uncertain", "this_order", "state"),
    [
        (True, False, False, states.REFUSED),
        (True, False, True, states.CONFLICT),
        (None, False, False, states.CONFLICT),
        (True, True, False, states.CONFLICT),
    ],
)
def test_no_number_is_taken_while_our_database_is_an_older_copy(
    found: bool | None, attempted_uncertain: bool, this_order: bool, state: str
) -> None:
    assert states.after_number_taken(found, False, attempted_uncertain, True, this_order) == state


def test_what_names_this_very_order_is_never_passed_over() -> None:
    assert states.after_number_taken(True, False, False, this_order=True) == states.CONFLICT


def test_a_number_may_be_given_out_only_when_somebody_looked_and_all_is_known() -> None:
    assert [states.may_take_a_number(*one) for one in ((False, False), (True, False), (False, True))] == [
        True,
        False,
        False,
    ]


def test_only_a_certain_no_a_conflict_and_what_is_gone_may_be_given_up() -> None:
    allowed = {state for state in states.STATES if states.may_give_up(state)}
    assert allowed == {states.REFUSED, states.NOT_SENT, states.CONFLICT, states.GONE}
    assert not states.may_give_up(None)
    unknown = {
        (state, can) for state in states.STATES for can in (True, False) if states.may_give_up_unknown(state, can)
    }
    assert unknown == {(states.UNCERTAIN, False)}


def test_whatever_locks_the_order_is_not_sent_by_a_press() -> None:
    assert {state for state in states.STATES if states.may_send(state)} == set(states.MAY_SEND_AGAIN)
    assert states.MAY_SEND_AGAIN.isdisjoint(states.LOCKS_ORDER)
    assert states.may_send(None)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: type(outcome).__name__)
def test_who_holds_the_lease_settles_and_else_only_a_yes_about_this_invoice_while_that_is_open(
    outcome: Outcome,
) -> None:
    settled = {
        (state, same_lease, same_invoice)
        for state, same_lease, same_invoice in product(states.STATES, (True, False), (True, False))
        if states.may_settle(outcome, state, same_lease, same_invoice)
    }
    holder = {(states.SENDING, True, True), (states.SENDING, True, False)}
    late_yes = {
        (states.SENDING, False, True), (states.UNCERTAIN, False, True), (states.UNCERTAIN, True, True),
    }  # fmt: skip
    assert settled == (holder | late_yes if isinstance(outcome, Posted) else holder)


def test_a_look_up_is_acted_upon_only_while_the_posting_is_open_under_the_lease_that_was_read() -> None:
    allowed = {
        (state, same) for state, same in product(states.STATES, (True, False)) if states.may_conclude(state, same)
    }
    assert allowed == {(states.SENDING, True), (states.UNCERTAIN, True)}


def test_that_an_attempt_may_have_arrived_is_never_forgotten() -> None:
    assert all(states.remembers_uncertain(True, state) for state in states.STATES)
    assert {state for state in states.STATES if states.remembers_uncertain(False, state)} == {
        states.UNCERTAIN, states.GONE,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        *zip(OUTCOMES, (states.POSTED, states.REFUSED, states.NOT_SENT, states.UNCERTAIN), strict=True),
        (Refused("CFACT026", "Bestaat al", Problem.NUMBER_TAKEN), states.UNCERTAIN),
    ],
)
def test_each_outcome_leads_to_a_state_and_a_taken_number_is_looked_up_first(outcome: Outcome, state: str) -> None:
    assert states.state_after(outcome) == state


def test_only_what_is_in_sending_without_a_lease_that_holds_is_interrupted() -> None:
    leases = {
        "none": None, "past": NOW - MOMENT, "now": NOW, "ahead": NOW + MOMENT, "far": NOW + 2 * states.LEASE + MOMENT
    }  # fmt: skip
    cases = list(product(states.STATES, leases))
    interrupted = {(state, name) for state, name in cases if states.is_interrupted(state, leases[name], NOW)}
    assert interrupted == {(states.SENDING, name) for name in ("none", "past", "far")}
    looked_up = {(state, name) for state, name in cases if states.wants_look_up(state, leases[name], NOW)}
    assert looked_up == interrupted | {(states.UNCERTAIN, name) for name in leases}


def test_a_miss_proves_something_only_after_the_window_behind_the_lease_and_a_hit_at_once() -> None:
    window = timedelta(seconds=300)
    assert states.window_is_over(None, window, NOW)
    assert not states.window_is_over(NOW - window, window, NOW)
    assert states.window_is_over(NOW - window - MOMENT, window, NOW)
    after = {case: states.after_look_up(*case) for case in product((True, False), repeat=3)}
    assert {state for (found, equal, _), state in after.items() if found and equal} == {states.POSTED}
    assert {state for (found, equal, _), state in after.items() if found and not equal} == {states.CONFLICT}
    assert {state for (found, _, over), state in after.items() if not found and over} == {states.SENDING}
    assert {state for (found, _, over), state in after.items() if not found and not over} == {states.UNCERTAIN}


def test_the_first_byte_may_leave_until_the_last_moment_and_not_later() -> None:
    assert [states.may_start(now, 5.0) for now in (4.9, 5.0, 5.1)] == [True, True, False]


@pytest.mark.parametrize("state", states.STATES)
@pytest.mark.parametrize("attempted_uncertain", [False, True])
@pytest.mark.parametrize("same_year", [False, True])
def test_only_when_every_attempt_was_a_certain_no_is_a_number_of_another_year_let_go(
    state: str, attempted_uncertain: bool, same_year: bool
) -> None:
    certain = state in {states.REFUSED, states.NOT_SENT} and not attempted_uncertain
    assert states.may_redate(state, attempted_uncertain) is certain
    assert states.keeps_number(state, attempted_uncertain, same_year) is (same_year or not certain)


@pytest.mark.parametrize("state", states.NUMBER_STATES)
@pytest.mark.parametrize("of_this", [(True, True), (True, False), (False, True), (False, False)])
def test_a_free_number_is_only_called_free_when_an_invoice_may_still_get_it(
    state: str, of_this: tuple[bool, bool]
) -> None:
    shown = states.number_shown(state, *of_this)
    assert shown == (states.EMPTY if state == states.FREE and of_this != (True, True) else state)
    assert shown in states.NUMBER_LOOKS


def test_a_posted_invoice_is_gone_only_when_two_searches_after_the_window_did_not_find_it() -> None:
    cases = product((True, False, None), (True, False))
    gone = {case for case in cases if states.after_search(*case) != states.POSTED}
    assert gone == {(False, True)}
    assert states.after_search(False, True) == states.GONE


def test_what_is_gone_goes_out_again_only_when_both_searches_are_empty_once_more() -> None:
    after = {case: states.after_gone(*case) for case in product((True, False), (True, False), (True, False, None))}
    assert {state for (found, equal, _), state in after.items() if found and equal} == {states.POSTED}
    assert {state for (found, equal, _), state in after.items() if found and not equal} == {states.CONFLICT}
    missed = {elsewhere: state for (found, _, elsewhere), state in after.items() if not found}
    assert missed == {True: states.POSTED, False: states.SENDING, None: states.GONE}


def test_the_number_of_what_is_gone_is_never_given_to_another() -> None:
    assert {states.number_after_giving_up(states.GONE, uncertain) for uncertain in (True, False)} == {states.VOID}
