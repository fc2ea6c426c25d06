"""What an invoice says of the wages in it, for a contractor that is liable for the taxes on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import vat
from domain.chain_liability import Agreed, WagePart, checked, grouped, told, too_much, wage_part, words
from domain.message import Refusal
from domain.notes import note
from domain.preflight import blockers, draft
from domain.vat_law import Buyer
from tests.domain.test_invoice import CANDIDATE, LIMITS, LINE

ACCOUNT = "NL91ABNA0417164300"
D = Decimal
BOTH = Agreed(D(60), D(40))


@pytest.mark.parametrize(
    ("labour", "said", "agreed", "amount", "on_account"),
    [
        ("2000", None, BOTH, "1200.00", "480.00"),
        ("2000.00", None, Agreed(D("60.00"), None), "1200.00", None),
        ("2000", None, Agreed(None, D(40)), None, None),  # known by nobody: asked for
        ("2000", "750", BOTH, "750", "300.00"),
        ("2000", "750", Agreed(None, D(40)), "750", "300.00"),
        ("2000", "750", Agreed(), "750", None),
        ("0", "750", BOTH, "750", "300.00"),  # wages in a fixed price
        ("0.05", None, Agreed(D(50), D(50)), "0.03", "0.02"),  # 0.025 and 0.015, halves up
        ("1000.01", None, Agreed(D("37.5"), D("33.33")), "375.00", "124.99"),
        ("100", None, Agreed(D(100), D(100)), "100.00", "100.00"),
    ],
)
def test_the_wage_part_and_what_of_it_goes_on_the_blocked_account(
    labour: str, said: str | None, agreed: Agreed, amount: str | None, on_account: str | None
) -> None:
    found = wage_part(D(labour), D(said) if said else None, agreed)
    assert found is not None
    assert found.amount == (D(amount) if amount else None)
    assert found.on_g_account == (D(on_account) if on_account else None)
    assert ("op deze bon" in str(found.why)) is (found.percent is None)


@pytest.mark.parametrize(
    ("labour", "said", "agreed"),
    [
        ("2000", None, Agreed()),
        ("0", None, BOTH),  # goods alone
        ("-2000", None, BOTH),  # a credit
        ("0", None, Agreed(None, D(40))),
        ("2000", "0", BOTH),  # the order says there are none in it
        ("0.01", None, Agreed(D(1), D(40))),  # not a cent
    ],
)
def test_of_no_wages_nothing_is_said(labour: str, said: str | None, agreed: Agreed) -> None:
    assert wage_part(D(labour), D(said) if said else None, agreed) is None
    assert words(None, ACCOUNT) == ()


def test_the_words_are_those_of_the_trade() -> None:
    assert words(wage_part(D(2000), None, BOTH), ACCOUNT) == (
        "Loonbestanddeel € 1.200,00 (60% van € 2.000,00 arbeid)",
        "Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 480,00 (40% van het loonbestanddeel)",
    )
    assert words(wage_part(D(2000), D("1250.5"), Agreed(D(60), D("37.50"))), ACCOUNT) == (
        "Loonbestanddeel € 1.250,50",
        "Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 468,94 (37,5% van het loonbestanddeel)",
    )
    assert words(wage_part(D(10), None, Agreed(D("100.00"))), "") == (
        "Loonbestanddeel € 10,00 (100% van € 10,00 arbeid)",
    )
    assert words(WagePart(D(10), None, None, D(40)), ACCOUNT) == ()
    assert grouped("") == ""


def test_its_words_are_known_again_among_the_lines_of_an_invoice() -> None:
    ours = words(wage_part(D(2000), None, BOTH), ACCOUNT)
    others = ("Werkbon 2026-0042: Loonbestanddeel € 5", "Loonbestanddeel volgt", "Te betalen op", "")
    assert told((*others, *ours)) == ours


@pytest.mark.parametrize(("name", "percent"), [("wage_percent", "0"), ("wage_percent", "100.01"), ("g_percent", "-1")])
def test_what_is_no_part_is_refused_at_its_field(name: str, percent: str) -> None:
    with pytest.raises(Refusal) as caught:
        checked(replace(BOTH, **{name: D(percent)}))
    assert caught.value.field == name
    assert checked(Agreed(D("0.01"), D(100))) == Agreed(D("0.01"), D(100))
    assert checked(Agreed()) == Agreed()


REVERSED = replace(
    CANDIDATE,
    lines=tuple(replace(LINE, vat_code=code) for code in ("reverse_high", "reverse_low")),
    customer_vat_number="NL004495445B01",
    wage_part=wage_part(D(2000), D(100), BOTH),
    g_account=ACCOUNT,
)


def test_they_stand_below_the_words_of_the_vat_law_without_an_amount() -> None:
    made = draft(REVERSED, "1", date(2026, 11, 19))
    assert [line.description for line in made.lines[2:]] == [
        "Btw verlegd naar afnemer, btw-id NL004495445B01",
        "Loonbestanddeel € 100,00",
        "Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 40,00 (40% van het loonbestanddeel)",
    ]
    assert {(line.total, line.vat_code, line.ledger_code) for line in made.lines[3:]} == {
        (D("0.00"), "reverse_high", LINE.ledger_code)
    }
    assert made.totals == vat.add_up((line.vat_code, line.total) for line in REVERSED.lines)


@pytest.mark.parametrize(
    ("changes", "what", "mend"),
    [
        ({"g_account": ""}, "blocked.g_account", "company"),
        ({"wage_part": WagePart(D(10), None, None, D(40))}, "blocked.wage_part", "wage_part"),
        ({"wage_part": WagePart(D(10), D("312.51"), None, None)}, "blocked.wage_part_too_much", "wage_part"),
    ],
)
def test_what_keeps_it_back_says_what_and_where(changes: dict[str, object], what: str, mend: str) -> None:
    (found,) = blockers(replace(REVERSED, **changes), LIMITS)  # type: ignore[arg-type]
    assert (found.what, found.mend) == (note(what), mend)
    assert str(found.why).endswith(".")
    assert blockers(REVERSED, LIMITS) == ()
    assert blockers(replace(REVERSED, wage_part=None, g_account=""), LIMITS) == ()


def test_without_a_blocked_account_nobody_asks_for_its_number() -> None:
    alone = replace(REVERSED, wage_part=wage_part(D(100), None, Agreed(D(60))), g_account="")
    assert blockers(alone, LIMITS) == ()
    assert len(draft(alone, "1", date(2026, 11, 19)).lines) == 4


def test_all_of_an_invoice_may_be_wages_and_not_a_cent_more() -> None:
    assert too_much(WagePart(D(0), D(100)), D(100)) is None
    assert too_much(WagePart(D(0), D("100.01")), D(100)) is not None
    assert too_much(WagePart(D(0), D("0.01")), D(-100)) is not None


def test_the_words_count_as_lines() -> None:
    limits = replace(LIMITS, lines=4)
    assert [one.key for one in blockers(REVERSED, limits)] == ["line_count"]
    assert blockers(REVERSED, replace(limits, lines=5)) == ()


def test_who_the_customer_is_for_the_vat_law_is_another_matter() -> None:
    assert REVERSED.buyer == Buyer("Jansen", True, "NL004495445B01", "")


_PERCENT = st.decimals(D("0.01"), 100, places=2)


@given(st.decimals(D("0.01"), D("9999999.99"), places=2), _PERCENT, _PERCENT)
def test_a_part_is_never_more_than_the_whole(labour: Decimal, wages: Decimal, on_account: Decimal) -> None:
    found = wage_part(labour, None, Agreed(wages, on_account))
    if found is None or found.amount is None or found.on_g_account is None:
        assert labour * wages < D("0.5")
        return
    assert D(0) <= found.on_g_account <= found.amount <= labour
    assert found.amount == round(found.amount, 2)
