"""Which VAT a sale has as a whole: the regime of its customer, of one order or of the company itself, over the rates
that its lines carry.

A line says what it would be in plain Dutch sales (21% or 9%), and the regime makes of that what the invoice says. A
line that was given another code by hand keeps it; but a company under the small business scheme charges VAT on nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain import vat
from domain.message import N_, Message, msg, on_invoice

USUAL, DOMESTIC, REVERSED, EU, EXPORT, EXEMPT = "", "domestic", "reversed", "eu", "export", "exempt"
SMALL = "small"
NAMES = {
    DOMESTIC: N_("gewone btw"),
    REVERSED: N_("btw verlegd (onderaanneming)"),
    EU: N_("zakelijk in een ander EU-land"),
    EXPORT: N_("buiten de EU"),
    EXEMPT: N_("vrijgesteld van btw"),
    SMALL: N_("kleineondernemersregeling"),
}
CHOICES = (DOMESTIC, REVERSED, EU, EXPORT, EXEMPT)  # the law leaves no choice about the last one
SERVICES = frozenset({"hours", "travel"})  # the kinds of line (domain/work_order.py) that are no goods

# per regime: what a rate becomes on a line of goods, and on one of a service
_OF = {
    REVERSED: {vat.HIGH: (vat.REVERSE_HIGH, vat.REVERSE_HIGH), vat.LOW: (vat.REVERSE_LOW, vat.REVERSE_LOW)},
    EU: dict.fromkeys((vat.HIGH, vat.LOW), (vat.EU_GOODS, vat.EU_SERVICES)),
    # a service to who is elsewhere in the world is outside Dutch VAT, and is no export (Wet OB 1968 art. 6)
    EXPORT: dict.fromkeys((vat.HIGH, vat.LOW), (vat.EXPORT, vat.NO_VAT)),
    EXEMPT: dict.fromkeys((vat.HIGH, vat.LOW), (vat.NO_VAT, vat.NO_VAT)),
    SMALL: dict.fromkeys(("", *vat.BY_CODE), (vat.NO_VAT, vat.NO_VAT)),  # no line need say anything
}
# the law wants the exemption named (Wet OB 1968 art. 35a)
_WORDS = {
    EXEMPT: on_invoice("Vrijgesteld van btw (artikel 11 Wet op de omzetbelasting 1968)"),
    SMALL: on_invoice("Vrijgesteld van btw (artikel 25 Wet op de omzetbelasting 1968, kleineondernemersregeling)"),
}


@dataclass(frozen=True)
class Small:
    """When a company is under the small business scheme (Wet OB 1968 art. 25): from this day (None: it is not) through
    that one (None: no end is known)."""

    first: date | None = None
    last: date | None = None

    def holds_on(self, supplied: date | None) -> bool:
        """Whether what is supplied that day falls under it; of work without a day, whether it does for good."""
        if self.first is None:
            return False
        if supplied is None:
            return self.last is None
        return self.first <= supplied and (self.last is None or supplied <= self.last)


@dataclass(frozen=True)
class Applied:
    """The regime that holds, and why, for who reads it."""

    regime: str
    why: Message


def applied(order: str, customer: str, small: Small = Small(), supplied: date | None = None) -> Applied:
    """The regime of an order that was `supplied` on this day, by what holds for the company, and what was chosen for
    the order and for its customer."""
    if small.holds_on(supplied):
        return Applied(SMALL, msg("Uw bedrijf valt sinds %(day)s onder de kleineondernemersregeling.", day=small.first))
    if order in CHOICES:
        return Applied(order, msg("Zo is het op deze bon gekozen."))
    if customer in CHOICES:
        return Applied(customer, msg("Zo staat het bij de klant."))
    return Applied(DOMESTIC, msg("Op de bon en bij de klant is niets anders gekozen."))


def code_of(regime: str, code: str, kind: str) -> str:
    """The VAT code on the invoice of a line that carries this one and is of this kind."""
    goods, service = _OF.get(regime, {}).get(code, (code, code))
    return service if kind in SERVICES else goods


def table() -> dict[str, dict[str, tuple[str, str]]]:
    """Per regime and rate, the codes of goods and of services: what the page counts with while somebody types."""
    return {regime: dict(codes) for regime, codes in _OF.items()}


def words(regime: str, codes: Iterable[str]) -> dict[str, str]:
    """What the invoice has to say of the regime, with the VAT code that its lines of it have; empty when nothing."""
    return {_WORDS[regime]: vat.NO_VAT} if regime in _WORDS and vat.NO_VAT in set(codes) else {}
