"""What the first line of an invoice begins with, and what is read back of it.

By this text an invoice over there is known to be of an order of ours (domain/behind.py, domain/reconciliation.py). The
customer's own order number in it is typed by people: what could be taken for another part of the text stands between
quotation marks, so that it is read back as one, whatever it says.
"""

from __future__ import annotations

import re
from datetime import date

from domain.message import on_invoice

_THEIRS = on_invoice("uw ordernummer")
_FENCED = re.compile('[,:"]')
_HEAD = re.compile(rf'\s*Werkbon\s+([^\s,:]{{1,20}})(?:, {_THEIRS} (?:"[^"]*"|[^,:"]*))?', re.IGNORECASE)
_DAY = re.compile(r"uitgevoerd\s+(\d{1,2})-(\d{1,2})-(\d{4})", re.IGNORECASE)


def supply_text(order_number: str, executed_on: date, location: str, customer_order_number: str = "") -> str:
    """What the first line begins with: the law wants the date of supply on the invoice (Wet OB art. 35a), and some
    customers their own number."""
    parts = [f"Werkbon {order_number}"]
    if customer_order_number:
        parts.append(f"{_THEIRS} {_fenced(customer_order_number)}")
    parts.append(f"uitgevoerd {executed_on.day}-{executed_on.month}-{executed_on.year}")
    if location:
        parts.append(location)
    return ", ".join(parts)


def _fenced(number: str) -> str:
    number = " ".join(number.split())
    return '"' + number.replace('"', "'") + '"' if _FENCED.search(number) else number


def order_named(text: str) -> str:
    """The number of the work order that a first line names, or an empty text."""
    found = _HEAD.match(text)
    return found[1] if found else ""


def day_told(text: str) -> date | None:
    """The day of execution that a first line tells; None when it tells none that can be."""
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
