"""How numbers of work orders and invoices are written, and by what they are sorted: as numbers, not as text."""

from __future__ import annotations

import re

from domain.fold import fold

_PARTS = re.compile(r"(\d{4})-(\d{1,9})$")


def written(prefix: str, year: int, serial: int) -> str:
    """WB2026-0031; ends in a digit, as the bookkeeping's newer interface asks. The 10,000th is WB2026-10000."""
    return f"{prefix}{year}-{serial:04d}"


def found_by(number: str) -> tuple[str, str]:
    """The words an invoice number is found by, folded: all of it in one, and its serial (f20260031, 0031)."""
    folded = fold(number)
    return "".join(sign for sign in folded if sign.isalnum()), folded.rpartition("-")[2]


def year_of(number: str) -> int:
    """The year a written number belongs to; 0 for one that was not written here."""
    return taken_apart(number)[0]


def of_series(number: str, prefix: str, year: int) -> tuple[bool, bool]:
    """Whether a written number is of this year, and whether it is of the series with this prefix."""
    found = _PARTS.search(number)
    return year_of(number) == year, found is not None and number[: found.start()] == prefix


def stands_at(year: int, serial: int) -> str:
    """Year and serial of a number as one text that sorts as they do."""
    return f"{year:04d}{serial:09d}"


def taken_apart(number: str) -> tuple[int, int]:
    """Year and serial of a written number, to sort by; (0, 0) for one that was not written here, which comes first."""
    found = _PARTS.search(number)
    return (int(found[1]), int(found[2])) if found else (0, 0)
