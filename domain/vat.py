"""Dutch VAT: the sales codes the bookkeeping knows, their rates, and VAT over an invoice.

Rates are data with the first day they hold (Wet OB 1968 art. 9). Codes: contract section 8.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.money import ZERO, to_cents


@dataclass(frozen=True)
class VatCode:
    """A sales VAT code: rate in percent, valid from `since`, and whether Crafter can invoice with it yet."""

    code: str
    label: str
    rate: Decimal
    since: date
    supported: bool


SALES_CODES = (
    VatCode("HOOG_VERK_21", "21%", Decimal(21), date(2012, 10, 1), True),
    VatCode("LAAG_VERK_9", "9%", Decimal(9), date(2019, 1, 1), True),
    VatCode("GEEN", "geen btw", Decimal(0), date(1969, 1, 1), True),
    VatCode("VERL_VERK", "verlegd 21%", Decimal(0), date(2012, 10, 1), False),
    VatCode("VERL_VERK_L9", "verlegd 9%", Decimal(0), date(2019, 1, 1), False),
    VatCode("BU_EU_VERK", "buiten de EU", Decimal(0), date(1969, 1, 1), False),
    VatCode("BI_EU_VERK", "goederen binnen de EU", Decimal(0), date(1993, 1, 1), False),
    VatCode("BI_EU_VERK_D", "diensten binnen de EU", Decimal(0), date(2010, 1, 1), False),
    VatCode("AFST_VERK", "afstandsverkoop in de EU", Decimal(0), date(2021, 7, 1), False),
)
BY_CODE = {entry.code: entry for entry in SALES_CODES}


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
        groups.append(VatGroup(code, known.label if known else code or "?", rate, base, to_cents(base * rate / 100)))
    groups.sort(key=lambda group: -group.rate)
    excl = sum((group.base for group in groups), ZERO)
    vat = sum((group.vat for group in groups), ZERO)
    return Totals(excl, tuple(groups), vat, excl + vat)
