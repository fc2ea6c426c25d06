"""What the first line of an invoice begins with is read back of it, whatever number the customer gave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain import behind, first_line
from domain.first_line import supply_text
from domain.invoice import InvoiceDraft, RemoteInvoice
from domain.preflight import Candidate, draft
from domain.reconciliation import named_alike
from tests.domain.test_invoice import CANDIDATE

DAY = date(2026, 11, 12)
PIECES = (
    "4500123", "PO", " ", ",", ", ", ":", ": ", '"', "'", "-", "Werkbon 2026-0001", "werkbon", "uw ordernummer",
    "uitgevoerd 1-1-2020", "UITGEVOERD 31-12-1999", "Kade 1", "\n", "\t", ", uw ordernummer 7",
    '", uitgevoerd 2-2-2022',
)  # fmt: skip
TYPED = st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=50)).map(
    lambda text: text.strip()[:50]
)
PLACE = st.one_of(st.just(""), st.just("Dorpsstraat 1, Waterveen"), TYPED)


def theirs(ours: InvoiceDraft) -> RemoteInvoice:
    """The invoice as it stands over there."""
    return RemoteInvoice(
        ours.number, ours.relation_code, ours.on, ours.term_days, Decimal(1), Decimal(0), Decimal(1), Decimal(1),
        ours.lines,
    )  # fmt: skip


def of(
    number: str = "", place: str = "", order: str = "2026-0031", day: date = DAY, said: str = "Arbeid"
) -> InvoiceDraft:
    """The invoice of an order with this number of its customer."""
    first = replace(CANDIDATE.lines[0], description=said)
    candidate: Candidate = replace(
        CANDIDATE, order_number=order, executed_on=day, location=place, customer_order_number=number, lines=(first,)
    )
    return draft(candidate, "WB2026-0007", date(2026, 11, 20))


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("", "Werkbon 2026-0012, uitgevoerd 12-11-2026, Kade 1"),
        ("4500123", "Werkbon 2026-0012, uw ordernummer 4500123, uitgevoerd 12-11-2026, Kade 1"),
        ("PO 45/001-b", "Werkbon 2026-0012, uw ordernummer PO 45/001-b, uitgevoerd 12-11-2026, Kade 1"),
        ("45, project 7", 'Werkbon 2026-0012, uw ordernummer "45, project 7", uitgevoerd 12-11-2026, Kade 1'),
        ("PO: 45", 'Werkbon 2026-0012, uw ordernummer "PO: 45", uitgevoerd 12-11-2026, Kade 1'),
        ('de "grote"', "Werkbon 2026-0012, uw ordernummer \"de 'grote'\", uitgevoerd 12-11-2026, Kade 1"),
        ("45\n 01", "Werkbon 2026-0012, uw ordernummer 45 01, uitgevoerd 12-11-2026, Kade 1"),
    ],
)
def test_the_customers_number_stands_behind_ours(number: str, said: str) -> None:
    assert supply_text("2026-0012", DAY, "Kade 1", number) == said


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (date(2026, 11, 3), "uitgevoerd van 3-11-2026 t/m 12-11-2026"),
        (date(2025, 12, 30), "uitgevoerd van 30-12-2025 t/m 12-11-2026"),
        (DAY, "uitgevoerd 12-11-2026"),
        (date(2026, 11, 13), "uitgevoerd 12-11-2026"),  # of before it was checked: no period that can be
        (None, "uitgevoerd 12-11-2026"),
    ],
)
def test_work_of_more_days_tells_the_first_and_the_last_and_is_read_back_as_the_last(
    first: date | None, told: str
) -> None:
    said = supply_text("2026-0012", DAY, "Kade 1", "45", first)
    assert said == f"Werkbon 2026-0012, uw ordernummer 45, {told}, Kade 1"
    assert first_line.day_told(f"{said}: Arbeid") == DAY
    assert first_line.order_named(said) == "2026-0012"
    assert first_line.beginning(f"{said}: Arbeid") == said
    made = draft(replace(CANDIDATE, executed_on=DAY, executed_from=first), "1", date(2026, 11, 20))
    assert told in made.lines[0].description
    assert behind.executed_on(theirs(made)) == DAY
    assert named_alike(made, theirs(made))


@settings(max_examples=600, deadline=None, derandomize=True)
@given(number=TYPED, place=PLACE, said=TYPED)
@example(number="45, uitgevoerd 1-1-2020", place="", said="Onderhoud, uitgevoerd 3-4-2026")
@example(number="Werkbon 2026-0001, uitgevoerd 1-1-2020: x", place="", said="x")
@example(number='"', place="", said="x")
@example(number="uitgevoerd 1-1-2020", place="uw ordernummer 3", said="x")
def test_order_and_day_are_read_back_whatever_the_number_says(number: str, place: str, said: str) -> None:
    there = theirs(of(number, place, said=said or "x"))
    assert behind.order_named(there) == "2026-0031"
    assert behind.executed_on(there) == DAY


@settings(max_examples=600, deadline=None, derandomize=True)
@given(number=TYPED, other=TYPED, place=st.sampled_from(["", "Dorpsstraat 1, Waterveen"]), said=TYPED)
@example(number="a: b", other="a: c", place="", said="x")
@example(number="a", other="a: c", place="", said="x")
def test_an_invoice_is_named_alike_only_by_the_same_order_day_and_number(
    number: str, other: str, place: str, said: str
) -> None:
    ours = of(number, place, said=said or "x")
    assert named_alike(ours, theirs(of(number, place, said="another description")))
    assert not named_alike(ours, theirs(of(number, place, order="2026-0032")))
    assert not named_alike(ours, theirs(of(number, place, day=date(2026, 11, 13))))
    if supply_text("1", DAY, "", number) != supply_text("1", DAY, "", other):
        assert not named_alike(ours, theirs(of(other, place)))


def test_a_first_line_of_before_is_read_as_it_was() -> None:
    said = "Werkbon 2026-0031, uitgevoerd 5-3-2026, Kade 1: Arbeid: twee uur"
    assert first_line.order_named(said) == "2026-0031"
    assert first_line.day_told(said) == date(2026, 3, 5)
    assert first_line.beginning(said) == "Werkbon 2026-0031, uitgevoerd 5-3-2026, Kade 1"
    assert first_line.beginning("Contract: maart") == "Contract"


def test_the_number_that_was_edited_over_there_hides_no_day() -> None:
    assert first_line.day_told("Werkbon 2026-0031, ons kenmerk 5, uitgevoerd 5-3-2026: x") == date(2026, 3, 5)
