"""What is asked once more before an invoice goes out, and what a yes counts for."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain import questions
from domain.questions import Sure

TODAY = date(2026, 11, 19)
USUAL = Decimal("151.25")


@pytest.mark.parametrize(
    ("day", "today", "asks"),
    [
        (TODAY, TODAY, False),
        (date(2025, 11, 19), TODAY, False),
        (date(2025, 11, 18), TODAY, True),
        (date(1980, 1, 1), TODAY, True),
        (date(2023, 2, 28), date(2024, 2, 29), False),
        (date(2023, 2, 27), date(2024, 2, 29), True),
        (date(2024, 2, 29), date(2025, 3, 1), True),
    ],
)
def test_a_day_is_asked_about_when_it_lies_more_than_a_year_back(day: date, today: date, asks: bool) -> None:
    found = questions.asked(day, today, USUAL, Sure())
    assert [question.value for question in found] == ([day] if asks else [])
    assert bool(questions.about_day(day, today)) is asks


def test_a_yes_counts_for_the_day_it_was_said_of() -> None:
    day = date(2024, 5, 3)
    (question,) = questions.asked(day, TODAY, USUAL, Sure(day=day - timedelta(days=1)))
    assert question.answer == "day:2024-05-03"
    assert questions.asked(day, TODAY, USUAL, Sure(day=day)) == ()


def test_a_day_to_come_begins_tomorrow() -> None:
    assert not questions.is_to_come(TODAY, TODAY)
    assert questions.is_to_come(TODAY + timedelta(days=1), TODAY)


def test_without_a_day_there_is_nothing_to_ask() -> None:
    assert questions.asked(None, TODAY, USUAL, Sure()) == ()


@pytest.mark.parametrize(
    ("incl", "key", "mend"),
    [
        ("0.01", None, ""),
        ("25000.00", None, ""),
        ("0.00", "question.nothing", "not_billable"),
        ("-0.01", "question.credit", "lines"),
        ("-90000.00", "question.credit", "lines"),
        ("25000.01", "question.much", "lines"),
    ],
)
def test_a_total_is_asked_about_when_it_is_nothing_less_or_more_than_a_company_wants(
    incl: str, key: str | None, mend: str
) -> None:
    found = questions.asked(TODAY, TODAY, Decimal(incl), Sure())
    assert [(one.what.key, one.mend) for one in found] == ([(key, mend)] if key else [])
    assert [one.answer for one in found] == ([f"total:{incl}"] if key else [])


def test_how_much_is_asked_about_is_for_the_company_to_say() -> None:
    assert questions.asked(TODAY, TODAY, USUAL, Sure(), above=USUAL) == ()
    (question,) = questions.asked(TODAY, TODAY, USUAL, Sure(), above=USUAL - Decimal("0.01"))
    assert str(question.why).startswith("Dat is meer dan 151.24")


def test_a_yes_to_a_total_counts_for_that_total_and_the_day_is_asked_about_beside_it() -> None:
    credit, day = Decimal("-121.00"), date(2024, 5, 3)
    assert questions.asked(TODAY, TODAY, credit, Sure(total=credit)) == ()
    assert questions.asked(TODAY, TODAY, credit, Sure(total=Decimal("-121.01"))) != ()
    both = questions.asked(day, TODAY, credit, Sure())
    assert [one.subject for one in both] == ["day", "total"]
    assert [one.subject for one in questions.asked(day, TODAY, credit, Sure(day=day))] == ["total"]
