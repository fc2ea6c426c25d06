"""Amounts in euros: Decimal in, Decimal out, one stated rounding rule."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal("9999999999.99")  # euros: what an order may come to; columns have room for it with VAT, and for sums


def to_cents(amount: Decimal) -> Decimal:
    """Round to whole cents, halves away from zero (what the Dutch tax office accepts and peers do)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP) + 0  # no minus sign before zero


def down_to_cents(amount: Decimal) -> Decimal:
    """The whole cents in an amount above zero; what is left over is left out."""
    return amount.quantize(CENT, rounding=ROUND_DOWN)


def of_cents(cents: int | Decimal) -> Decimal:
    """Whole cents as euros."""
    return Decimal(int(cents)) * CENT


def line_total(quantity: Decimal, price: Decimal) -> Decimal:
    """Amount of one line excluding VAT in euros, rounded to cents."""
    return to_cents(quantity * price)
