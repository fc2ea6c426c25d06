"""What is asked once more before an invoice goes out, and what a yes counts for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain import questions
from domain.questions import Sure

TODAY = date(2026, 11, 19)


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
    found = questions.asked(day, today, Sure())
    assert [question.value for question in found] == ([day] if asks else [])
    assert bool(questions.about_day(day, today)) is asks


def test_a_yes_counts_for_the_day_it_was_said_of() -> None:
    day = date(2024, 5, 3)
    (question,) = questions.asked(day, TODAY, Sure(day=day - timedelta(days=1)))
    assert question.answer == "day:2024-05-03"
    assert questions.asked(day, TODAY, Sure(day=day)) == ()


def test_a_day_to_come_begins_tomorrow() -> None:
    assert not questions.is_to_come(TODAY, TODAY)
    assert questions.is_to_come(TODAY + timedelta(days=1), TODAY)


def test_without_a_day_there_is_nothing_to_ask() -> None:
    assert questions.asked(None, TODAY, Sure()) == ()
