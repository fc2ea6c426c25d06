"""Numbers are written and taken apart alike, and sorted as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.numbering import taken_apart, written


@given(st.sampled_from(["", "WB", "2025-"]), st.integers(1000, 9999), st.integers(1, 999_999_999))
def test_what_is_written_can_be_taken_apart(prefix: str, year: int, serial: int) -> None:
    assert taken_apart(written(prefix, year, serial)) == (year, serial)


def test_the_ten_thousandth_of_a_year_comes_after_the_one_before_and_before_the_next_year() -> None:
    numbers = ["2026-9999", "2027-0001", "2026-10000", "2026-0086"]
    assert sorted(numbers, key=taken_apart) == ["2026-0086", "2026-9999", "2026-10000", "2027-0001"]


@pytest.mark.parametrize("number", ["", "proef", "2026-", "26-0001", "2026-12345678901"])
def test_what_was_not_written_here_comes_first(number: str) -> None:
    assert taken_apart(number) == (0, 0)
