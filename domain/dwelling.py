"""The low rate for work on dwellings: which lines of an order ask for it, and what a customer has declared of a site.

Wet OB 1968 art. 9 lid 2 onder a, tabel I onder b (post 8 and those after it): painting, plastering and papering a
dwelling, and insulating one, at the low rate when it was first in use more than two years ago; cleaning inside a
dwelling whatever its age. A declaration is what a company can show for it. What is delivered with such work is a matter
of each line: it carries a rate of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain import vat
from domain.message import Refusal, msg
from domain.vat_regime import SERVICES

LOW_RATES = frozenset({vat.LOW, vat.REVERSE_LOW})


@dataclass(frozen=True)
class Declaration:
    """That a site is a dwelling older than two years: on which day it was declared, and who said so."""

    on: date
    by: str


def asks(lines: Iterable[tuple[str, str]]) -> bool:
    """Whether an invoice with these lines, as (kind, VAT code on the invoice), wants a declaration: a service of which
    we know that it is one, at the low rate."""
    return any(kind in SERVICES and code in LOW_RATES for kind, code in lines)


def declaration(on: date | None, by: str) -> Declaration | None:
    """The declaration that these columns hold, or None."""
    return Declaration(on, by) if on is not None else None


def check(on: date | None, by: str, today: date) -> Declaration:
    """A declaration as typed. Raises Refusal with the field that is wrong."""
    if on is None:
        raise Refusal(msg("Vul in op welke dag de klant dat heeft verklaard."), "dwelling_declared_on")
    if on > today:
        raise Refusal(msg("Deze dag moet nog komen. Vul in op welke dag het is verklaard."), "dwelling_declared_on")
    if not by:
        raise Refusal(msg("Vul in wie dat heeft verklaard."), "dwelling_declared_by")
    return Declaration(on, by)
