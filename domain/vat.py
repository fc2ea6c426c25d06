"""Dutch VAT: the kinds of VAT a sale can have, their rates, and VAT over an invoice.

Rates are data with the first day they hold (Wet OB 1968 art. 9). The codes are our own names; a gateway translates them
(docs/glossary.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.message import N_, Message, as_written
from domain.money import ZERO, to_cents


@dataclass(frozen=True)
class VatCode:
    """A sales VAT code: rate in percent, valid from `since`, and whether Crafter can invoice with it yet."""

    code: str
    label: str
    rate: Decimal
    since: date
    supported: bool


HIGH, LOW, NO_VAT = "high", "low", "none"
REVERSE_HIGH, REVERSE_LOW = "reverse_high", "reverse_low"
EXPORT, EU_GOODS, EU_SERVICES, EU_DISTANCE = "export", "eu_goods", "eu_services", "eu_distance"
SALES_CODES = (
    VatCode(HIGH, N_("21%"), Decimal(21), date(2012, 10, 1), True),
    VatCode(LOW, N_("9%"), Decimal(9), date(2019, 1, 1), True),
    VatCode(NO_VAT, N_("geen btw"), Decimal(0), date(1969, 1, 1), True),
    VatCode(REVERSE_HIGH, N_("verlegd 21%"), Decimal(0), date(2012, 10, 1), True),
    VatCode(REVERSE_LOW, N_("verlegd 9%"), Decimal(0), date(2019, 1, 1), True),
    VatCode(EXPORT, N_("buiten de EU"), Decimal(0), date(1969, 1, 1), True),
    VatCode(EU_GOODS, N_("goederen binnen de EU"), Decimal(0), date(1993, 1, 1), True),
    VatCode(EU_SERVICES, N_("diensten binnen de EU"), Decimal(0), date(2010, 1, 1), True),
    VatCode(EU_DISTANCE, N_("afstandsverkoop in de EU"), Decimal(0), date(2021, 7, 1), False),
)
BY_CODE = {entry.code: entry for entry in SALES_CODES}


def label(code: str) -> str:
    """How a code is called on the screen; one that is not ours (an article of theirs may have such) as it is."""
    known = BY_CODE.get(code)
    return known.label if known else code


def name(code: str) -> Message:
    """How a code is called, as a row can hold it (domain/stored.py)."""
    return Message(label(code), key=f"vat.{code}") if code in BY_CODE else as_written(code)


@dataclass(frozen=True)
class VatGroup:
    """All lines of one VAT code together: base and VAT in euros."""

    code: str
    label: str
    rate: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """An invoice added up: total excluding VAT, VAT per code, VAT, and total including VAT, in euros."""

    excl: Decimal
    groups: tuple[VatGroup, ...]
    vat: Decimal
    incl: Decimal


def add_up(lines: Iterable[tuple[str, Decimal]]) -> Totals:
    """Totals over (VAT code, line total) pairs. VAT is rounded once per code over the sum of its lines.

    An unknown code counts as 0 %: it can be shown, and pre-flight blocks it from being sent.
    """
    bases: dict[str, Decimal] = {}
    for code, amount in lines:
        bases[code] = bases.get(code, ZERO) + amount
    groups = []
    for code, base in bases.items():
        known = BY_CODE.get(code)
        rate = known.rate if known else Decimal(0)
        groups.append(VatGroup(code, label(code) or "?", rate, base, to_cents(base * rate / 100)))
    groups.sort(key=lambda group: -group.rate)
    excl = sum((group.base for group in groups), ZERO)
    vat = sum((group.vat for group in groups), ZERO)
    return Totals(excl, tuple(groups), vat, excl + vat)
