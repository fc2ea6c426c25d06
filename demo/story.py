"""The words the demo story is told in: lines, jobs, entries of the timeline, customers' sites, people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    """One line of a job. `code` names an article; what is given beside it wins over the article's own value.

    `vat` None means the article's VAT code; an empty text means none at all.
    """

    kind: str
    code: str
    quantity: Decimal
    description: str = ""
    price: Decimal | None = None
    vat: str | None = None


@dataclass(frozen=True)
class Job:
    """Work as it comes in more than once: the ways it is put, what is asked, what the mechanic writes, its lines.

    `kinds` says for which customers: home, vve, housing, company. `hours` is the time planned.
    """

    key: str
    kinds: str
    hours: str
    titles: tuple[str, ...]
    asked: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Entry:
    """One work order of the story. `ending` says how far it has come (see fill.py)."""

    title: str
    customer: str
    ending: str
    lines: tuple[Line, ...]
    asked: str = ""
    note: str = ""
    office_note: str = ""
    site: str = ""
    worker: str = ""
    on: date | None = None
    at: time | None = None
    hours: Decimal | None = None
    reason: str = ""
    order_number: str = ""  # the customer's own


@dataclass(frozen=True)
class Site:
    """A work site of a customer, as our own location."""

    customer: str
    name: str
    address: str
    postcode: str
    city: str
    notes: str = ""


@dataclass(frozen=True)
class Somebody:
    """A person who logs in; `role` is a role code."""

    email: str
    name: str
    role: str


def hours(quantity: str, code: str = "ARBEID") -> Line:
    """Working hours."""
    return Line("hours", code, Decimal(quantity))


def material(code: str, quantity: str = "1") -> Line:
    """Material used."""
    return Line("material", code, Decimal(quantity))


def article(code: str, quantity: str = "1") -> Line:
    """An article or a service with a price of its own."""
    return Line("article", code, Decimal(quantity))


def travel(quantity: str = "1", code: str = "VOORRIJ") -> Line:
    """Call-out charge, or kilometres."""
    return Line("travel", code, Decimal(quantity))


def words(description: str, price: str, vat: str = "high", quantity: str = "1") -> Line:
    """A line in free words; price in euros excluding VAT."""
    return Line("text", "", Decimal(quantity), description, Decimal(price), vat)
