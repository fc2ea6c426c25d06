"""A moment that was kept is believed as far as its own length goes, and no further."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain import moments

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("until", "lasts"),
    [
        (None, False),
        (NOW - TICK, False),
        (NOW, True),
        (NOW + MINUTE, True),
        (NOW + 2 * MINUTE, True),
        (NOW + 2 * MINUTE + TICK, False),
        (NOW + HOUR, False),
    ],
)
def test_a_wait_lasts_no_longer_than_twice_its_longest(until: datetime | None, lasts: bool) -> None:
    assert moments.lasts(until, NOW, MINUTE) is lasts


def test_what_follows_a_wait_is_counted_from_its_end_or_from_now_when_that_cannot_be() -> None:
    ends = {NOW - HOUR: NOW - HOUR, NOW: NOW, NOW + 2 * MINUTE: NOW + 2 * MINUTE, NOW + 2 * MINUTE + TICK: NOW}
    assert {until: moments.counted_from(until, NOW, MINUTE) for until in ends} == ends
    assert moments.counted_from(None, NOW, MINUTE) is None


@pytest.mark.parametrize("ahead", [False, True])
def test_what_happened_is_recent_within_its_length_on_either_side_of_now(ahead: bool) -> None:
    sign = 1 if ahead else -1
    assert moments.is_recent(NOW + sign * MINUTE, NOW, MINUTE)
    assert not moments.is_recent(NOW + sign * (MINUTE + TICK), NOW, MINUTE)
    assert not moments.is_recent(None, NOW, MINUTE)


def test_a_moment_is_ahead_when_it_is_further_than_clocks_differ() -> None:
    assert [moments.is_ahead(NOW + moments.CLOCKS_DIFFER + by, NOW) for by in (-TICK, timedelta(0), TICK)] == [
        False, False, True,
    ]  # fmt: skip
