"""What the law asks of an invoice without Dutch VAT on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import vat
from domain.notes import note
from domain.preflight import Candidate, blockers, draft
from domain.vat import SALES_CODES, name
from domain.vat_law import LAWS, Buyer, laws_of, missing, words
from tests.domain.test_invoice import CANDIDATE, LIMITS, LINE

BUILDER = Buyer("Tuinstra B.V.", True, "NL004495445B01", "")
GERMAN = Buyer("Bauhof GmbH", True, "DE 136.695.976", "Duitsland")
NORTHERN = Buyer("Belfast Heating Ltd", True, "XI980780684", "Noord-Ierland")
PRIVATE = Buyer("Fam. de Wit", False, "", "")
SWISS = Buyer("Ofenbau AG", True, "CHE-105.918.070 MWST", "Zwitserland")
BUYERS = {"builder": BUILDER, "german": GERMAN, "northern": NORTHERN, "private": PRIVATE, "swiss": SWISS}

# by VAT code: what each buyer lacks, "" when nothing
ASKED: dict[str, dict[str, str]] = {
    "high": dict.fromkeys(BUYERS, ""),
    "low": dict.fromkeys(BUYERS, ""),
    "none": dict.fromkeys(BUYERS, ""),
    "export": dict.fromkeys(BUYERS, ""),
    "reverse_high": {
        "builder": "", "german": "vat_not_dutch", "northern": "vat_not_dutch", "private": "vat_private",
        "swiss": "vat_wrong_number",
    },
    "eu_goods": {
        "builder": "vat_not_of_eu", "german": "", "northern": "", "private": "vat_private", "swiss": "vat_wrong_number",
    },
    "eu_services": {
        "builder": "vat_not_of_eu", "german": "", "northern": "vat_not_of_eu", "private": "vat_private",
        "swiss": "vat_wrong_number",
    },
}  # fmt: skip
ASKED["reverse_low"] = ASKED["reverse_high"]


@pytest.mark.parametrize("buyer", BUYERS)
@pytest.mark.parametrize("code", ASKED)
def test_who_may_be_invoiced_without_vat(code: str, buyer: str) -> None:
    found = [said.key.removeprefix("blocked.") for law in laws_of([code]) if (said := missing(law, BUYERS[buyer]))]
    assert found == [key for key in [ASKED[code][buyer]] if key]


def test_every_code_that_can_be_invoiced_is_in_the_table_and_every_law_says_where_it_stands() -> None:
    assert set(ASKED) == {entry.code for entry in SALES_CODES if entry.supported}
    assert all("art" in law.source or "tabel" in law.source for law in LAWS)


@pytest.mark.parametrize(
    ("number", "key"),
    [("", "vat_no_number"), (" ", "vat_no_number"), ("NL1", "vat_wrong_number"), ("?", "vat_wrong_number")],
)
def test_a_number_that_is_none_is_told(number: str, key: str) -> None:
    (law,) = laws_of(["reverse_high"])
    assert (missing(law, replace(BUILDER, vat_number=number)) or note("unfit.line")).key == f"blocked.{key}"


@pytest.mark.parametrize(
    ("code", "buyer", "said"),
    [
        ("reverse_high", BUILDER, "Btw verlegd naar afnemer, btw-id NL004495445B01"),
        (
            "reverse_low",
            replace(BUILDER, vat_number="0044.95.445.B01"),
            "Btw verlegd naar afnemer, btw-id NL004495445B01",
        ),
        ("eu_services", GERMAN, "Btw verlegd naar afnemer, btw-id DE136695976"),
        ("eu_goods", GERMAN, "Intracommunautaire levering, btw 0%, btw-id afnemer DE136695976"),
        ("export", SWISS, "Uitvoer buiten de EU, btw 0%"),
    ],
)
def test_what_the_invoice_says(code: str, buyer: Buyer, said: str) -> None:
    assert words([code, code, "high"], buyer) == {said: code}


def sold(*codes: str, buyer: Buyer = BUILDER) -> Candidate:
    """An order with a line of each code, for this buyer."""
    return replace(
        CANDIDATE, lines=tuple(replace(LINE, vat_code=code, ledger_code=f"80{n:02}") for n, code in enumerate(codes)),
        relation_name=buyer.name, customer_is_company=buyer.is_company, customer_vat_number=buyer.vat_number,
        customer_country=buyer.country,
    )  # fmt: skip


def test_the_words_stand_below_the_lines_as_a_line_of_text_of_the_same_code_and_account() -> None:
    made = draft(sold("high", "reverse_low", "reverse_high", "reverse_high"), "1", date(2026, 11, 19))
    *_lines, said = made.lines
    assert len(made.lines) == 5
    assert said == replace(
        LINE, description="Btw verlegd naar afnemer, btw-id NL004495445B01", quantity=Decimal(1), unit="",
        price=Decimal("0.00"), vat_code="reverse_high", ledger_code="8002",
    )  # fmt: skip
    assert made.totals == vat.add_up((line.vat_code, line.total) for line in made.lines[:4])
    assert made.lines[0].description.startswith("Werkbon ")


def test_what_keeps_an_order_back_is_said_once_and_mended_at_the_customer() -> None:
    (found,) = blockers(sold("reverse_high", "reverse_high", buyer=PRIVATE), LIMITS)
    assert (found.key, found.mend) == ("vat_customer", "relation")
    assert found.what == note("blocked.vat_private", vat=name("reverse_high"), name=PRIVATE.name)
    both = blockers(sold("reverse_high", "reverse_low", buyer=replace(BUILDER, vat_number="")), LIMITS)
    assert [one.what.key for one in both] == ["blocked.vat_no_number"] * 2
    assert blockers(sold("reverse_high", "reverse_low"), LIMITS) == ()


def test_the_words_count_as_lines() -> None:
    limits = replace(LIMITS, lines=2)
    assert blockers(sold("reverse_high"), limits) == ()
    (found,) = blockers(sold("reverse_high", "reverse_high"), limits)
    assert found.key == "line_count"
    assert blockers(sold("high", "high"), limits) == ()


@given(st.lists(st.sampled_from(sorted(ASKED)), min_size=1, max_size=12))
def test_whatever_is_sold_the_words_change_no_amount_and_name_every_law_once(codes: list[str]) -> None:
    made = draft(sold(*codes, buyer=GERMAN), "1", date(2026, 11, 19))
    assert made.totals.incl == vat.add_up((code, LINE.total) for code in codes).incl
    said = [line.description for line in made.lines[len(codes) :]]
    assert len(said) == len(set(said)) == len({law.words for law in laws_of(codes)})
