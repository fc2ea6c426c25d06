"""Money and VAT: one rounding rule, sums that fit, codes as data."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from domain.money import line_total, to_cents
from domain.vat import BY_CODE, add_up

AMOUNTS = st.decimals(min_value=-100_000, max_value=100_000, places=2)


def test_halves_are_rounded_away_from_zero() -> None:
    assert to_cents(Decimal("4.095")) == Decimal("4.10")
    assert to_cents(Decimal("-4.095")) == Decimal("-4.10")
    assert line_total(Decimal("2.5"), Decimal("62.33")) == Decimal("155.83")


def test_a_zero_has_no_minus_sign() -> None:
    assert str(add_up([("none", Decimal("-5.00"))]).vat) == "0.00"


def test_vat_is_rounded_once_per_code() -> None:
    totals = add_up([("high", Decimal("0.02"))] * 3 + [("low", Decimal("43.50"))])
    assert [(group.code, group.vat) for group in totals.groups] == [
        ("high", Decimal("0.01")),
        ("low", Decimal("3.92")),
    ]


def test_groups_stand_from_the_highest_rate_to_the_lowest_and_an_unknown_code_counts_for_nothing() -> None:
    ten = Decimal("10.00")
    totals = add_up([("none", ten), ("", ten), ("low", ten), ("V99", ten), ("high", ten)])
    assert [(group.code, group.label, group.rate, group.base, group.vat) for group in totals.groups] == [
        ("high", "21%", 21, ten, Decimal("2.10")),
        ("low", "9%", 9, ten, Decimal("0.90")),
        ("none", "geen btw", 0, ten, 0),
        ("", "?", 0, ten, 0),
        ("V99", "V99", 0, ten, 0),
    ]
    assert (totals.excl, totals.vat, totals.incl) == (Decimal("50.00"), Decimal("3.00"), Decimal("53.00"))
    assert str(add_up([]).incl) == "0.00"


def test_reverse_charge_and_export_carry_no_vat_and_distance_sales_are_not_invoiced() -> None:
    for code in ("reverse_high", "reverse_low", "export", "eu_goods", "eu_services", "eu_distance"):
        assert BY_CODE[code].rate == 0
        assert BY_CODE[code].supported is (code != "eu_distance")


@given(st.lists(st.tuples(st.sampled_from(sorted(BY_CODE)), AMOUNTS), max_size=30))
def test_the_parts_add_up_to_the_whole(lines: list[tuple[str, Decimal]]) -> None:
    totals = add_up(lines)
    assert totals.excl == sum((amount for _, amount in lines), Decimal(0))
    assert totals.incl == totals.excl + totals.vat
    assert totals.vat == sum((group.vat for group in totals.groups), Decimal(0))
