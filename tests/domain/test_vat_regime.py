"""The regime of a sale, and what it makes of the codes on its lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import vat
from domain.preflight import draft
from domain.vat_law import laws_of
from domain.vat_regime import CHOICES, NAMES, SERVICES, Small, applied, code_of, table, words
from domain.work_order import LINE_KINDS
from tests.domain.test_invoice import CANDIDATE, LINE

# per regime and code: what a line of goods becomes, and one of a service
BECOMES = {
    ("domestic", "high"): ("high", "high"),
    ("domestic", "low"): ("low", "low"),
    ("reversed", "high"): ("reverse_high", "reverse_high"),
    ("reversed", "low"): ("reverse_low", "reverse_low"),
    ("eu", "high"): ("eu_goods", "eu_services"),
    ("eu", "low"): ("eu_goods", "eu_services"),
    ("export", "high"): ("export", "none"),
    ("export", "low"): ("export", "none"),
    ("exempt", "high"): ("none", "none"),
    ("exempt", "low"): ("none", "none"),
}


def test_every_regime_says_what_becomes_of_both_rates() -> None:
    assert {regime for regime, _code in BECOMES} == set(CHOICES) == set(NAMES) - {"small"}
    for (regime, code), (goods, service) in BECOMES.items():
        for kind in LINE_KINDS:
            assert code_of(regime, code, kind) == (service if kind in SERVICES else goods), (regime, code, kind)
    assert set(LINE_KINDS) >= SERVICES


@given(st.sampled_from([*CHOICES, ""]), st.sampled_from([*vat.BY_CODE, "", "V99"]), st.sampled_from(LINE_KINDS))
def test_a_code_given_by_hand_stays_and_a_regime_never_adds_vat(regime: str, code: str, kind: str) -> None:
    found = code_of(regime, code, kind)
    if code not in {"high", "low"}:
        assert found == code
    else:
        assert vat.BY_CODE[found].rate <= vat.BY_CODE[code].rate
        assert (found == code) is (regime in {"domestic", ""})
    assert code_of(regime, found, kind) == found, "and a second time changes nothing"


@pytest.mark.parametrize(
    ("order", "customer", "holds", "why"),
    [
        ("", "", "domestic", "niets anders"),
        ("", "reversed", "reversed", "bij de klant"),
        ("domestic", "reversed", "domestic", "op deze bon"),
        ("eu", "", "eu", "op deze bon"),
        ("moon", "reversed", "reversed", "bij de klant"),  # of a release to come
        ("", "moon", "domestic", "niets anders"),
    ],
)
def test_the_order_goes_before_its_customer_and_says_why(order: str, customer: str, holds: str, why: str) -> None:
    found = applied(order, customer)
    assert found.regime == holds
    assert why in str(found.why)


def test_an_exemption_is_named_on_the_invoice_and_only_where_something_is_exempt() -> None:
    exempt = replace(CANDIDATE, regime="exempt", lines=(replace(LINE, vat_code="none"),))
    made = draft(exempt, "1", date(2026, 11, 19))
    assert [line.description for line in made.lines[1:]] == [
        "Vrijgesteld van btw (artikel 11 Wet op de omzetbelasting 1968)"
    ]
    assert len(draft(replace(exempt, regime="domestic"), "1", date(2026, 11, 19)).lines) == 1
    assert words("exempt", ["high"]) == {}


def test_the_page_counts_with_the_same_table() -> None:
    for regime, codes in table().items():
        for code, pair in codes.items():
            assert (BECOMES[regime, code] if regime != "small" else ("none", "none")) == pair
    assert set(table()) == set(NAMES) - {"domestic"}


SMALL = Small(date(2027, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("small", "supplied", "holds"),
    [
        (Small(), date(2027, 6, 1), False),
        (Small(), None, False),
        (SMALL, date(2026, 12, 31), False),
        (SMALL, date(2027, 1, 1), True),
        (SMALL, date(2027, 12, 31), True),
        (SMALL, date(2028, 1, 1), False),
        (SMALL, None, False),  # nobody knows yet when it is done
        (replace(SMALL, last=None), date(2040, 1, 1), True),
        (replace(SMALL, last=None), None, True),
    ],
)
def test_a_small_business_charges_no_vat_on_what_it_supplies_in_that_time(
    small: Small, supplied: date | None, holds: bool
) -> None:
    found = applied("reversed", "eu", small, supplied)
    assert found.regime == ("small" if holds else "reversed")
    assert ("kleineondernemersregeling" in str(found.why)) is holds


@given(st.sampled_from([*vat.BY_CODE, ""]), st.sampled_from(LINE_KINDS))
def test_of_a_small_business_no_line_has_vat_whatever_it_says(code: str, kind: str) -> None:
    assert code_of("small", code, kind) == "none"
    said = "Vrijgesteld van btw (artikel 25 Wet op de omzetbelasting 1968, kleineondernemersregeling)"
    assert words("small", ["none"]) == {said: "none"}


def test_what_a_regime_makes_of_a_line_the_law_asks_about_or_it_is_without_vat() -> None:
    for pair in BECOMES.values():
        for code in pair:
            assert code in {"high", "low", "none"} or laws_of([code])
