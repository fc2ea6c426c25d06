"""Sums are bounded as sums: whatever is accepted fits every column it comes to stand in, on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import sums
from domain.message import Refusal
from domain.money import MOST, line_total, of_cents
from domain.vat import BY_CODE, add_up

COLUMN = Decimal(10) ** 13  # what does not fit in numeric(15, 2)
NUMBERS = st.one_of(
    st.decimals(min_value=-99_999_999, max_value=99_999_999, places=4),
    st.sampled_from([Decimal(text) for text in ("99999999", "-99999999", "0.0001", "100", "-100", "0")]),
)
LINES = st.lists(st.tuples(st.sampled_from(sorted(BY_CODE)), NUMBERS, NUMBERS), max_size=sums.MOST_LINES)


def accepted(lines: list[tuple[str, Decimal, Decimal]]) -> bool:
    """Whether an order may have these lines."""
    try:
        sums.total((quantity, price) for _code, quantity, price in lines)
    except Refusal:
        return False
    return True


def kept_in_binary(amount: Decimal) -> Decimal:
    """What SQLite gives back of an amount: it keeps numbers in binary."""
    return Decimal(f"{float(amount):.2f}")


@given(LINES)
def test_whatever_is_accepted_fits_wherever_it_is_kept(lines: list[tuple[str, Decimal, Decimal]]) -> None:
    if not accepted(lines):
        return
    totals = add_up((code, line_total(quantity, price)) for code, quantity, price in lines)
    for amount in (totals.excl, totals.vat, totals.incl):
        assert abs(amount) < COLUMN
        assert kept_in_binary(amount) == amount
    assert kept_in_binary(totals.excl) + kept_in_binary(totals.vat) == totals.incl


@given(st.integers(1, sums.MOST_LINES), st.sampled_from(sorted(BY_CODE)), st.sampled_from(sorted(BY_CODE)))
def test_the_largest_there_can_be_fits(count: int, one: str, other: str) -> None:
    half = count // 2
    largest = [(one, Decimal(1), MOST)] * half + [(other, Decimal(-1), MOST)] * half
    totals = add_up((code, line_total(quantity, price)) for code, quantity, price in largest)
    assert accepted(largest)
    for amount in (totals.excl, totals.vat, totals.incl, *(group.base for group in totals.groups)):
        assert abs(amount) < COLUMN
        assert kept_in_binary(amount) == amount


CENT = Decimal("0.01")
REFUSED = {
    "line": ([(Decimal(1), MOST + CENT)], "Regel 1: Aantal maal prijs is te groot"),
    "line in the min": ([(Decimal(1), Decimal(1)), (Decimal(-1), MOST + CENT)], "Regel 2: Aantal maal prijs"),
    "sum": ([(Decimal(1), MOST), (Decimal(1), CENT)], "Het totaal van de regels is te groot"),
    "lines that cancel out": ([(Decimal(1), MOST + CENT), (Decimal(-1), MOST + CENT)], "Regel 1"),
    "number of lines": ([(Decimal(1), CENT)] * 101, "hoogstens 100 regels"),
}


@pytest.mark.parametrize(("lines", "said"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_with_what_is_too_large(lines: list[tuple[Decimal, Decimal]], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        sums.total(lines)


def test_what_just_fits_is_added_up() -> None:
    assert sums.total([(Decimal(1), MOST)]) == MOST
    assert sums.total([(Decimal(1), MOST), (Decimal(-1), MOST), (Decimal("0.5"), Decimal("0.01"))]) == CENT
    assert sums.total([(Decimal(1), CENT)] * 100) == Decimal(1)


def test_cents_are_euros() -> None:
    assert of_cents(Decimal(12345)) == Decimal("123.45")
    assert str(of_cents(0)) == "0.00"
