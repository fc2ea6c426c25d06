"""The one owner of how money is written: an amount rounded as sums are, a price with all the decimals it has."""

from __future__ import annotations

from decimal import Decimal

from domain.money import to_cents

_POINTS_AND_COMMAS = str.maketrans(",.", ".,")


def written(value: Decimal, dutch: bool) -> str:
    """1248 → 1.248,00, in English 1,248.00. By Python's own formatting, which says the same as Babel and costs less."""
    return _in(dutch, f"{to_cents(value):,.2f}")


def price(value: Decimal, dutch: bool) -> str:
    """The same, with as many decimals as it has beyond two: 12.3450 → 12,345; never rounded."""
    finer = value.normalize()
    _sign, _digits, exponent = finer.as_tuple()
    decimals = -exponent if isinstance(exponent, int) else 0
    return _in(dutch, f"{finer + 0:,.{max(2, decimals)}f}")


def quantity(value: Decimal, dutch: bool) -> str:
    """2.5000 → 2,5; 1000 → 1.000: with the decimals it has, four at most."""
    said = f"{value:,.4f}".rstrip("0").removesuffix(".")
    return _in(dutch, said)


def euro(value: Decimal, dutch: bool) -> str:
    """1248 → € 1.248,00 (with a no-break space), in English €1,248.00"""
    said = written(value, dutch)
    return f"€\u00a0{said}" if dutch else f"€{said}".replace("€-", "-€")


def _in(dutch: bool, written: str) -> str:
    return written.translate(_POINTS_AND_COMMAS) if dutch else written
