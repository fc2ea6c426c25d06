"""What signs of life prove of a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain import signs

NOW = datetime(2026, 11, 27, tzinfo=UTC)
AWAY = timedelta(minutes=15)


@pytest.mark.parametrize(("minutes", "here"), [(0, True), (1, True), (2, False), (-1, True), (-2, False)])
def test_a_sign_that_is_old_or_lies_as_far_ahead_proves_nothing(minutes: int, here: bool) -> None:
    assert signs.somebody_was_here(NOW - timedelta(minutes=minutes), NOW, AWAY) is here


def test_without_a_sign_in_this_run_nobody_was_here() -> None:
    assert not signs.somebody_was_here(None, NOW, AWAY)


@pytest.mark.parametrize(
    ("there", "given", "as_left"),
    [(0, 0, True), (1, 0, True), (5, 4, True), (4, 4, False), (3, 4, False), (0, 4, False)],
)
def test_a_row_counts_one_more_than_its_process_gave(there: int, given: int, as_left: bool) -> None:
    assert signs.is_as_left(there, given) is as_left


@pytest.mark.parametrize(("seconds", "still"), [(0, False), (60, False), (99, False), (100, True), (-100, True)])
def test_who_gave_no_sign_for_so_long_stood_still(seconds: int, still: bool) -> None:
    assert signs.stood_still(timedelta(seconds=seconds)) is still


def test_what_stood_still_is_found_out_before_nothing_of_before_can_be_under_way() -> None:
    assert timedelta(minutes=2) > signs.STOOD_STILL
    assert not signs.somebody_was_here(NOW - timedelta(seconds=11), NOW, timedelta(seconds=10))
