"""The date of an invoice: today, or an earlier day that somebody chose."""

from __future__ import annotations

from datetime import date

import pytest

from domain import invoice_date

TODAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("chosen", "executed", "may"),
    [
        (TODAY, None, True),
        (date(2026, 2, 28), None, True),
        (date(2026, 2, 28), date(2026, 2, 28), True),
        (date(2025, 3, 1), None, True),  # the first of the months that are held against the books
        (date(2025, 2, 28), None, False),
        (date(2026, 3, 5), None, False),
        (date(2026, 2, 28), date(2026, 3, 1), False),
    ],
)
def test_it_is_not_ahead_not_before_the_work_and_not_of_long_ago(
    chosen: date, executed: date | None, may: bool
) -> None:
    assert (invoice_date.why_not(chosen, executed, TODAY) is None) is may


@pytest.mark.parametrize(
    ("chosen", "on"),
    [
        ([None], TODAY),
        ([date(2026, 2, 28)], date(2026, 2, 28)),
        ([date(2026, 2, 28)] * 3, date(2026, 2, 28)),
        ([date(2026, 2, 28), None], TODAY),
        ([date(2026, 2, 28), date(2026, 2, 27)], TODAY),
    ],
)
def test_several_orders_have_it_when_all_agree(chosen: list[date | None], on: date) -> None:
    assert invoice_date.of(chosen, TODAY) == on
