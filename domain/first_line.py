"""What the first line of an invoice begins with, and what is read back of it.

By this text an invoice over there is known to be of an order of ours (domain/behind.py, domain/reconciliation.py). The
customer's own order number in it is typed by people: what could be taken for another part of the text stands between
quotation marks, so that it is read back as one, whatever it says.
"""

from __future__ import annotations

import re
from datetime import date

from domain.message import on_invoice
from domain.written import day

_THEIRS = on_invoice("uw ordernummer")
_PERIOD = on_invoice("uitgevoerd van %(first)s t/m %(last)s")
_FENCED = re.compile('[,:"]')
_HEAD = re.compile(rf'\s*Werkbon\s+([^\s,:]{{1,20}})(?:, {_THEIRS} (?:"[^"]*"|[^,:"]*))?', re.IGNORECASE)
_CREDIT = on_invoice("creditfactuur bij factuur")
_CREDITED = re.compile(rf"\s*,\s*{_CREDIT}\s+(\S+)\s+van\b", re.IGNORECASE)
_TERM = re.compile(rf"\s*,\s*{on_invoice('termijn')}\s+(\d{{1,2}})\s+van\b", re.IGNORECASE)
_DAY = re.compile(r"uitgevoerd\s+(?:van\s+\d{1,2}-\d{1,2}-\d{4}\s+t/m\s+)?(\d{1,2})-(\d{1,2})-(\d{4})", re.IGNORECASE)


def supply_text(
    order_number: str,
    executed_on: date,
    location: str,
    customer_order_number: str = "",
    executed_from: date | None = None,
    term: str = "",
) -> str:
    """What the first line begins with: the law wants the day of supply on the invoice, or the period in which it was
    done (Wet OB 1968 art. 35a), and some customers their own number. `term`: which one it is of an order billed in
    terms (domain/terms.py), which is paid before the work is done."""
    parts = [f"Werkbon {order_number}"]
    if customer_order_number:
        parts.append(f"{_THEIRS} {_fenced(customer_order_number)}")
    if term:
        parts.append(term)
    elif executed_from is not None and executed_from < executed_on:
        parts.append(_PERIOD % {"first": day(executed_from), "last": day(executed_on)})
    else:
        parts.append(f"uitgevoerd {day(executed_on)}")
    if location:
        parts.append(location)
    return ", ".join(parts)


def term_named(text: str) -> int:
    """The number of the term that a first line says to be, or 0."""
    head = _HEAD.match(text)
    found = _TERM.match(text, head.end()) if head else None
    return int(found[1]) if found else 0


def heading(supplied: str) -> str:
    """What stands above the lines of one order on an invoice of several; `supplied`: its `supply_text`."""
    return f"{supplied}:"


def headed(text: str) -> str:
    """The number of the order whose heading this is, or an empty text."""
    return order_named(text) if text.rstrip().endswith(":") else ""


def credit_text(text: str, order_number: str, number: str, on: date) -> str:
    """What the first line of an invoice's credit says, by that of the invoice with this number and day."""
    head = _HEAD.match(text)
    named, rest = (head[0], text[head.end() :]) if head else (f"Werkbon {order_number}", f": {text}")
    return f"{named}, {_CREDIT} {number} van {day(on)}{rest}"


def credited(text: str) -> str:
    """The number of the invoice that a first line says to credit, or an empty text."""
    head = _HEAD.match(text)
    found = _CREDITED.match(text, head.end()) if head else None
    return found[1] if found else ""


def _fenced(number: str) -> str:
    number = " ".join(number.split())
    return '"' + number.replace('"', "'") + '"' if _FENCED.search(number) else number


def order_named(text: str) -> str:
    """The number of the work order that a first line names, or an empty text."""
    found = _HEAD.match(text)
    return found[1] if found else ""


def day_told(text: str) -> date | None:
    """The day of execution that a first line tells, of a period the last one; None when it tells none that can be."""
    head = _HEAD.match(text)
    found = _DAY.search(text, head.end() if head else 0)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def beginning(text: str) -> str:
    """What stands before the description in a first line of ours: order, customer's number, day and place."""
    head = _HEAD.match(text)
    skipped = head.end() if head else 0
    return text[:skipped] + text[skipped:].partition(": ")[0]
