"""What may be said of a payment: every row of the table, and what contradicts itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.payment import PAID_NAMES, Item, Known, Look, Paid, last_day, shown, told

TOTAL = Decimal("127.05")
NOTHING = Decimal(0)
REST = Decimal("0.05")
TODAY = date(2026, 11, 27)


def item(left: str | Decimal, total: Decimal = TOTAL) -> Look:
    """A look in which it is an open item."""
    return Look(items=(Item(total, Decimal(left)),))


def absent(left: str | Decimal | None = None, whole: bool = True) -> Look:
    """A look in which it is none; `left`: what the invoice itself says is open."""
    return Look(whole=whole, total=None if left is None else TOTAL, left=None if left is None else Decimal(left))


BEFORE = [
    None,
    Known(Paid.READY, TOTAL),
    Known(Paid.OPEN, TOTAL, True),
    Known(Paid.PARTLY, Decimal(100), True),
    Known(Paid.PAID, NOTHING, True),
    Known(Paid.UNKNOWN, None, True),
]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize(
    ("left", "state"),
    [
        (TOTAL, Paid.OPEN),
        ("127.04", Paid.PARTLY),
        ("100.00", Paid.PARTLY),
        ("0.06", Paid.PARTLY),
        ("0.05", Paid.PAID),  # matched over there, and the difference left standing
        ("0.01", Paid.PAID),
        ("-0.05", Paid.PAID),
        ("-0.06", Paid.UNKNOWN),
        ("127.06", Paid.UNKNOWN),
    ],
)
def test_an_open_item_says_how_it_stands_whatever_was_known(before: Known | None, left: str, state: Paid) -> None:
    assert told(item(left), before) == Known(state, Decimal(left), True)


def test_a_small_invoice_is_open_and_no_rest() -> None:
    assert told(item(REST, total=REST), None) == Known(Paid.OPEN, REST, True)


@pytest.mark.parametrize("left", ["0.00", "0.05", "-0.05"])
@pytest.mark.parametrize("before", BEFORE)
def test_not_open_there_and_nothing_left_is_paid_and_the_rest_is_told(before: Known | None, left: str) -> None:
    was_open = before is not None and before.was_open
    assert told(absent(left), before) == Known(Paid.PAID, Decimal(left), was_open)


@pytest.mark.parametrize("before", [one for one in BEFORE if one and one.was_open and one.state is not Paid.PAID])
def test_what_was_an_open_item_and_is_none_any_more_is_paid(before: Known) -> None:
    assert told(absent(), before) == Known(Paid.PAID, NOTHING, True)


@pytest.mark.parametrize("before", [None, Known(Paid.READY, TOTAL), Known(Paid.UNKNOWN)])
def test_what_never_was_one_and_is_wholly_open_stands_ready(before: Known | None) -> None:
    assert told(absent(TOTAL), before) == Known(Paid.READY, TOTAL, False)


@pytest.mark.parametrize("before", [None, Known(Paid.READY, TOTAL), Known(Paid.PAID, NOTHING, True)])
def test_a_list_without_it_alone_tells_nothing_of_what_was_not_open(before: Known | None) -> None:
    assert told(absent(), before) is None


@pytest.mark.parametrize("before", [one for one in BEFORE if one and one.was_open])
def test_gone_from_the_list_and_wholly_open_by_itself_is_no_payment(before: Known) -> None:
    """Somebody took it out of the books again: that it is paid would be a guess."""
    assert told(absent(TOTAL), before) == Known(Paid.UNKNOWN, None, True)


@pytest.mark.parametrize("left", ["0.06", "100.00", "127.06", "-0.06"])
def test_what_is_open_by_itself_and_in_no_list_is_not_known(left: str) -> None:
    assert told(absent(left), None) == Known(Paid.UNKNOWN, None, False)


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("left", [None, TOTAL, "100.00"])
def test_a_list_that_may_lack_something_proves_nothing_by_what_it_lacks(before: Known | None, left: str) -> None:
    assert told(absent(left, whole=False), before) is None


def test_paid_by_its_own_words_counts_beside_such_a_list() -> None:
    assert told(absent("0.00", whole=False), Known(Paid.OPEN, TOTAL, True)) == Known(Paid.PAID, NOTHING, True)


@pytest.mark.parametrize("before", BEFORE)
def test_twice_under_one_number_or_unreadable_is_not_known(before: Known | None) -> None:
    twice = Look(items=(Item(TOTAL, TOTAL), Item(TOTAL, TOTAL)))
    assert told(twice, before) == Known(Paid.UNKNOWN, None, True)
    unread = told(Look(unclear=True, total=TOTAL, left=NOTHING), before)
    assert unread is not None
    assert unread.state is Paid.UNKNOWN


def test_a_credit_and_its_original_are_to_be_settled_as_long_as_they_are_open() -> None:
    credit = Look(items=(Item(-TOTAL, -TOTAL),), credited=True)
    assert told(credit, None) == Known(Paid.SETTLE, -TOTAL, True)
    original = Look(items=(Item(TOTAL, TOTAL),), credited=True)
    settle = told(original, Known(Paid.OPEN, TOTAL, True))
    assert settle == Known(Paid.SETTLE, TOTAL, True)
    assert told(Look(credited=True), settle) == Known(Paid.PAID, NOTHING, True)


@pytest.mark.parametrize("state", Paid)
def test_only_what_is_owed_is_ever_late_and_only_past_its_last_day(state: Paid) -> None:
    yesterday = TODAY - timedelta(days=1)
    late = state in {Paid.OPEN, Paid.PARTLY}
    assert shown(state, yesterday, TODAY) is (Paid.LATE if late else state)
    assert shown(state, TODAY, TODAY) is state
    assert shown(state, None, TODAY) is state


@pytest.mark.parametrize("state", Paid)
def test_where_nobody_can_look_only_what_was_paid_is_known(state: Paid) -> None:
    assert shown(state, TODAY, TODAY, here=False) is (Paid.PAID if state is Paid.PAID else Paid.UNKNOWN)


def test_the_last_day_is_their_date_and_term() -> None:
    assert last_day(date(2026, 12, 20), 14) == date(2027, 1, 3)
    assert last_day(TODAY, 0) == TODAY


def test_every_state_has_its_word() -> None:
    assert set(PAID_NAMES) == set(Paid)
