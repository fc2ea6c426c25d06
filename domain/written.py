"""Numbers and days as an invoice says them in words, which are Dutch."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.money import to_cents


def number(value: Decimal) -> str:
    """A quantity or a price: at least two decimals when it has any."""
    whole = value.normalize()
    text = f"{whole:f}" if whole == whole.to_integral() else f"{value:.4f}".rstrip("0")
    head, point, tail = text.partition(".")
    return head + (f",{tail:0<2}" if point else "")


def euros(amount: Decimal) -> str:
    """An amount of money, to the cent."""
    return "€ " + f"{to_cents(amount):,.2f}".translate(str.maketrans(",.", ".,"))


def day(on: date) -> str:
    """A day, as 3-11-2026."""
    return f"{on.day}-{on.month}-{on.year}"
