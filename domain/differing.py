"""What exactly is not the same between an invoice of ours and one of theirs: each difference named, with both values.

Whether two are equal is decided by domain.invoice.differences; here its answer gets the values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from domain.invoice import DIFFERENCE_NAMES, InvoiceDraft, InvoiceLine, RemoteInvoice, differences
from domain.message import N_

Value = str | date | Decimal
# of one line; "line" is the whole of it, where only one side has it
LINE_NAMES = {
    "line": N_("regel"),
    "code": N_("code"),
    "quantity": N_("aantal"),
    "price": N_("prijs"),
    "vat_code": N_("btw-code"),
}
NAMES = DIFFERENCE_NAMES | LINE_NAMES
_DAYS = frozenset({"on"})
_AMOUNTS = frozenset({"excl", "vat", "quantity", "price"})


@dataclass(frozen=True)
class Difference:
    """One thing that differs. `name` is a key of NAMES; `ours` and `theirs` are what each side has: a day, an amount
    (euros, or a quantity) or a text, None where it has no such thing. `line`: which line, from 1 on; 0: none.
    """

    name: str
    ours: Value | None
    theirs: Value | None
    line: int = 0


def told(ours: InvoiceDraft, theirs: RemoteInvoice) -> tuple[Difference, ...]:
    """Everything that differs, with its values; empty exactly when `differences` finds nothing."""
    found: list[Difference] = []
    totals = ours.totals
    for name in differences(ours, theirs):
        if name == "lines":
            found += _of_lines(ours.lines, theirs.lines)
        elif name in {"excl", "vat"}:
            found.append(Difference(name, getattr(totals, name), getattr(theirs, name)))
        else:
            found.append(Difference(name, getattr(ours, name), getattr(theirs, name)))
    return tuple(found)


def _of_lines(ours: Sequence[InvoiceLine], theirs: Sequence[InvoiceLine]) -> list[Difference]:
    found: list[Difference] = []
    for place, (mine, other) in enumerate(zip_longest(ours, theirs), start=1):
        if mine is None or other is None:
            found.append(Difference("line", _said(mine), _said(other), place))
        else:
            found += _of_one(place, mine, other)
    # what counts as the same line is not decided here
    return found or [Difference("lines", str(len(ours)), str(len(theirs)))]


def _said(line: InvoiceLine | None) -> str | None:
    return line.description if line is not None else None


def _of_one(place: int, ours: InvoiceLine, theirs: InvoiceLine) -> Iterator[Difference]:
    for name in ("code", "quantity", "price", "vat_code"):
        mine, other = getattr(ours, name), getattr(theirs, name)
        if mine != other:
            yield Difference(name, mine, other, place)


def to_text(found: Sequence[Difference]) -> str:
    """Differences as a row holds them; an empty text for none."""
    rows = [[one.name, one.line, _plain(one.ours), _plain(one.theirs)] for one in found]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")) if rows else ""


def from_text(text: str) -> tuple[Difference, ...]:
    """What `to_text` wrote, back."""
    rows: list[list[Any]] = json.loads(text) if text else []
    return tuple(Difference(name, _value(name, ours), _value(name, theirs), line) for name, line, ours, theirs in rows)


def _plain(value: Value | None) -> str | None:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 50.00 and 50 are one amount, and one text
    return None if value is None else str(value)


def _value(name: str, text: str | None) -> Value | None:
    if text is None:
        return None
    if name in _DAYS:
        return date.fromisoformat(text)
    return Decimal(text) if name in _AMOUNTS else text
