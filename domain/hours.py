"""Hours of work: how people write them, and how many a form takes. Everything that asks for hours asks here.

static/js/amounts.js reads the same while somebody types; tests/frontend/amounts.json holds both to one table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

MOST = Decimal(200)  # of one visit, and of one report: a crew of five for a week
PLACES = 2

_SPACES = re.compile(r"\s+")
_MINUTES = "(?:minuten|minuut|minutes|minute|mins|min|m)"
_HOURS = "(?:uren|uur|hours|hour|hrs|hr|u|h)"
_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)", re.ASCII)
_BOTH = re.compile(rf"(\d{{1,5}}){_HOURS}(?:en|and)?(?:([0-5]\d){_MINUTES}?|(\d){_MINUTES})", re.ASCII)
_ONLY_MINUTES = re.compile(rf"(\d{{1,6}}){_MINUTES}", re.ASCII)
_PARTS = {"¼": 15, "½": 30, "¾": 45}
_PART = re.compile(rf"(\d{{0,5}})([¼½¾]){_HOURS}?", re.ASCII)
_NUMBER = re.compile(rf"(.*\d[.,]?){_HOURS}", re.ASCII)


def read(text: str, number: Callable[[str], Decimal]) -> Decimal:
    """Hours as typed: `1:30`, `1u30`, `1 uur 30 min`, `90 min`, `1½`, `1,5 uur`; what is a number (`1,5`) is read by
    `number`, which raises for what is none. Minutes are rounded to hundredths of an hour."""
    bare = _SPACES.sub("", text).lower()
    minus = bare.startswith("-")
    minutes = _minutes(bare[1:] if minus else bare)
    if minutes is not None:
        hours = (Decimal(minutes) / 60).quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP)
        return -hours if minus else hours
    with_unit = _NUMBER.fullmatch(bare)
    return number(with_unit[1] if with_unit else text)


def _minutes(bare: str) -> int | None:
    if found := _CLOCK.fullmatch(bare):
        return int(found[1]) * 60 + int(found[2])
    if found := _BOTH.fullmatch(bare):
        return int(found[1]) * 60 + int(found[2] or found[3])
    if found := _ONLY_MINUTES.fullmatch(bare):
        return int(found[1])
    if found := _PART.fullmatch(bare):
        return int(found[1] or 0) * 60 + _PARTS[found[2]]
    return None
