"""VAT codes of the service, and the totals of an invoice by either of its two ways of rounding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# the codes a sales line may carry in 2026; reverse charge, export and EU sales carry no VAT.
# LAAG_VERK is 9 % from 2019 on
SALES_RATES: dict[str, Decimal] = {
    "HOOG_VERK_21": Decimal("0.21"),
    "LAAG_VERK_9": Decimal("0.09"),
    "LAAG_VERK": Decimal("0.09"),
    "VERL_VERK": Decimal(0),
    "VERL_VERK_L9": Decimal(0),
    "BU_EU_VERK": Decimal(0),
    "BI_EU_VERK": Decimal(0),
    "BI_EU_VERK_D": Decimal(0),
    "AFST_VERK": Decimal(0),
    "GEEN": Decimal(0),
}
# every code of the list, obsolete and purchase ones too: a mutation may still carry them
ALL_CODES = {
    *SALES_RATES,
    *("HOOG_VERK", "AFW_VERK", "AFW", "HOOG_INK", "HOOG_INK_21", "LAAG_INK", "LAAG_INK_9"),
    *("VERL_INK", "VERL_INK_L9", "BU_EU_INK", "BI_EU_INK"),
}
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Totals:
    """What an invoice adds up to, in euros with two decimals."""

    excl: Decimal
    vat: Decimal

    @property
    def incl(self) -> Decimal:
        """With VAT."""
        return self.excl + self.vat


def to_cents(amount: Decimal) -> Decimal:
    """Rounded to cents, half away from zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def line_amount(line: Mapping[str, Any]) -> Decimal:
    """The amount of a line excl. VAT, in cents."""
    return to_cents(line.get("Aantal", Decimal(0)) * line.get("PrijsPerEenheid", Decimal(0)))


def totals(lines: Iterable[Mapping[str, Any]], vat_per: str) -> Totals:
    """Add up lines; VAT is rounded per line ("line") or once per VAT code ("total")."""
    excl = Decimal("0.00")
    per_code: dict[str, Decimal] = defaultdict(Decimal)
    per_line = Decimal("0.00")
    for line in lines:
        amount = line_amount(line)
        rate = SALES_RATES[line["BTWCode"]]
        excl += amount
        per_code[line["BTWCode"]] += amount
        per_line += to_cents(amount * rate)
    if vat_per == "line":
        return Totals(excl, per_line)
    per_total = sum((to_cents(amount * SALES_RATES[code]) for code, amount in per_code.items()), _CENT * 0)
    return Totals(excl, per_total)
