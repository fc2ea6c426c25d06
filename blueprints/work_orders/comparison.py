"""A conflict on the screen: our invoice beside the one over there, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from flask_babel import gettext as _

from blueprints._filters import amount, day, euro, price, qty, vat_label
from domain.invoice import InvoiceDraft, InvoiceLine, RemoteInvoice, differences


@dataclass(frozen=True)
class Side:
    """One row of the comparison of a conflict: what it is, ours, theirs, and whether they differ."""

    name: str
    ours: str
    theirs: str
    differs: bool


def both_sides(ours: InvoiceDraft, theirs: RemoteInvoice | None) -> list[Side]:
    """Our invoice beside the one over there, row by row; an empty list when there is none (any more)."""
    if theirs is None:
        return []
    differ, totals = differences(ours, theirs), ours.totals
    incl_differs = totals.incl != theirs.incl
    return [
        Side(_("Nummer"), ours.number, theirs.number, "number" in differ),
        Side(_("Relatiecode"), ours.relation_code, theirs.relation_code, "relation_code" in differ),
        Side(_("Datum"), day(ours.on), day(theirs.on), "on" in differ),
        Side(_("Regels"), str(len(ours.lines)), str(len(theirs.lines)), "lines" in differ),
        *_different_lines(ours, theirs),
        Side(_("Excl. btw"), amount(totals.excl), amount(theirs.excl), "excl" in differ),
        Side(_("Btw"), amount(totals.vat), amount(theirs.vat), "vat" in differ),
        Side(_("Incl. btw"), euro(totals.incl), euro(theirs.incl), incl_differs),
    ]


def _different_lines(ours: InvoiceDraft, theirs: RemoteInvoice) -> list[Side]:
    """The lines that are not the same, in order."""
    pairs = zip_longest(map(_line_text, ours.lines), map(_line_text, theirs.lines), fillvalue="")
    found = enumerate(pairs, 1)
    return [Side(_("Regel %(n)s", n=n), here, there, True) for n, (here, there) in found if here != there]


def _line_text(line: InvoiceLine) -> str:
    return f"{line.code} {qty(line.quantity)} × {price(line.price)} {vat_label(line.vat_code)}".strip()
