"""Our books held against theirs: what is equal, what differs, and when something is proven to be missing.

A list of theirs proves only what it holds: no manual names its order, its end or its pages. So an invoice that is not
in a list is suspected, and called missing only after two searches of its own (domain/posting.py, `after_search`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from domain.invoice import InvoiceDraft, RemoteInvoice

# What a service lists at most is a round number; a list that is exactly so long may have been cut off.
_ROUND = 50


def looks_cut_off(size: int) -> bool:
    """Whether an answer of so many invoices may have been cut off."""
    return size > 0 and size % _ROUND == 0


def proves_absence(size: int, lost: int) -> bool:
    """Whether what is not in a list of one relation's invoices of this size, of which `lost` could not be read, is not
    there."""
    return not lost and not looks_cut_off(size)


def named_alike(ours: InvoiceDraft, theirs: RemoteInvoice) -> bool:
    """Whether theirs says that it bills what ours bills: a line of it begins with the work order, the day and the place
    that our first line begins with (domain.preflight.supply_text)."""
    name = _flat(ours.lines[0].description.partition(": ")[0]) if ours.lines else ""
    return bool(name) and any(_flat(line.description).startswith(name) for line in theirs.lines)


def _flat(text: str) -> str:
    return " ".join(text.split())


def elsewhere(
    ours: InvoiceDraft, listed: Iterable[RemoteInvoice], others: Collection[str] = ()
) -> RemoteInvoice | None:
    """The invoice of theirs that bills what ours bills under another number; `others` are numbers under which other
    postings of ours stand."""
    alike = (one for one in listed if one.number != ours.number and one.number not in others and named_alike(ours, one))
    return next(alike, None)
