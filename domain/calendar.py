"""Days and weeks that somebody may ask for, as an address or a form writes them."""

from __future__ import annotations

import re
from datetime import date

FIRST_YEAR, LAST_YEAR = 1980, 2049  # what the bookkeeping takes (docs/e-boekhouden.md)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def within(day: date) -> bool:
    """Whether a day is one that we know: outside it the bookkeeping takes none, and the calendar itself ends."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def parse_day(text: str) -> date | None:
    """The day of `2026-11-19`, or None when it is no day that we know."""
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found and within(found) else None


def parse_week(text: str) -> date | None:
    """The Monday of `2026-W47`, or None when it is no week that we know."""
    typed = _WEEK.fullmatch(text)
    try:
        found = date.fromisocalendar(int(typed[1]), int(typed[2]), 1) if typed else None
    except ValueError:
        return None
    return found if found and within(found) else None


def write_week(on: date) -> str:
    """The week a day falls in, as `2026-W47`."""
    year, number, _ = on.isocalendar()
    return f"{year:04d}-W{number:02d}"
