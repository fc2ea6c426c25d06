"""The credit of an invoice: the same lines the other way round, under a number of its own, naming what it corrects.

Wet OB 1968 art. 35 lid 2: a document that changes an invoice has to refer to it, specifically and unambiguously. The
bookkeeping has no field for that, so its first line says so (domain/first_line.py), and by that line a credit over
there is known to be one of ours. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain import chain_liability, first_line
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice, differences

# another number and another day make no other credit: both were chosen when it was sent
_BESIDE = frozenset({"number", "on"})


def credit_of(
    original: InvoiceDraft, order_number: str, number: str, on: date, longest: int | None = None
) -> InvoiceDraft:
    """The credit of the whole of an invoice as it was sent, under this number, dated `on`. `order_number`: the work
    order that it bills; `longest`: how many characters a description may have, None for any number."""
    wages = chain_liability.told(line.description for line in original.lines)  # nothing is to be paid of a credit
    lines = [_turned(line) for line in original.lines if line.total or line.description not in wages]
    if lines:
        said = first_line.credit_text(lines[0].description, order_number, original.number, original.on)
        lines[0] = replace(lines[0], description=said[:longest])
    return replace(original, number=number, on=on, lines=tuple(lines))


def _turned(line: InvoiceLine) -> InvoiceLine:
    """A line the other way round. What comes to nothing is text, and stays as it is."""
    return replace(line, quantity=-line.quantity) if line.total else line


def credits(theirs: RemoteInvoice) -> str:
    """The number of the invoice that one over there says to credit; empty when it says no such thing."""
    return first_line.credited(theirs.lines[0].description) if theirs.lines else ""


def is_credit_of(theirs: RemoteInvoice, original: InvoiceDraft) -> bool:
    """Whether one over there is, beyond doubt, the credit of this invoice of ours."""
    if credits(theirs) != original.number:
        return False
    return not set(differences(credit_of(original, "", theirs.number, theirs.on), theirs)) - _BESIDE
