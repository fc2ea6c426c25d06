"""A collective invoice (verzamelfactuur): several orders of one customer on one invoice.

Each order has a heading, a line of text without an amount that says which order it is and when and where it was carried
out (domain/first_line.py); its lines stand below it, and what the law wants to read stands once, at the end. By its
headings an invoice over there is known to be of these orders. An invoice for one order is an ordinary one. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain import chain_liability, first_line, invoice_date, preflight
from domain.invoice import InvoiceDraft, InvoiceLine
from domain.limits import Limits
from domain.message import Message, msg
from domain.money import MOST, ZERO
from domain.notes import note
from domain.numbering import taken_apart
from domain.preflight import Blocker, Candidate
from domain.sums import too_large

_OF_AN_ORDER = frozenset(
    {"order", "lines", "order_number", "invoice_on", "wage_part", "location"}
)  # where it is mended


def in_order(orders: Sequence[Candidate]) -> list[Candidate]:
    """Orders as they stand on an invoice: by the day they were carried out, then by number."""
    return sorted(orders, key=lambda one: (one.executed_on or one.today, taken_apart(one.order_number)))


def draft(orders: Sequence[Candidate], number: str, on: date) -> InvoiceDraft:
    """The invoice of these orders, as they stand on it, under this number, dated `on`."""
    if len(orders) == 1:
        return preflight.draft(orders[0], number, on)
    lines = [line for one in orders for line in (_heading(one, on), *one.lines)]
    return preflight.with_words(_as_one(orders), lines, number, on)


def _heading(order: Candidate, on: date) -> InvoiceLine:
    text = first_line.heading(preflight.supplied(order, on))
    return replace(order.lines[0], description=text, quantity=Decimal(1), unit="", price=ZERO)


def _as_one(orders: Sequence[Candidate]) -> Candidate:
    lines = tuple(line for one in orders for line in one.lines)
    return replace(orders[0], lines=lines, wage_part=chain_liability.of_several(one.wage_part for one in orders))


def dated(orders: Sequence[Candidate]) -> date:
    """The date of their invoice."""
    return invoice_date.of((one.invoice_on for one in orders), orders[0].today)


def line_count(orders: Sequence[Candidate]) -> int:
    """How many lines their invoice has, headings and the words of the law among them."""
    return sum(len(one.lines) + 1 for one in orders) + len(preflight.words(_as_one(orders)))


def blockers(orders: Sequence[Candidate], limits: Limits) -> tuple[Blocker, ...]:
    """Everything that blocks the invoice of these orders; of several, each blocker says whose it is."""
    if len(orders) == 1:
        return preflight.blockers(orders[0], limits)
    found: list[Blocker] = []
    for one in orders:
        each = (_beside(one, blocker) for blocker in preflight.blockers(one, limits))
        found += [blocker for blocker in each if blocker not in found]
    why = None if found else why_apart(orders, limits)
    return tuple(found) if why is None else (Blocker("together", note("blocked.together"), why, "none"),)


def _beside(order: Candidate, blocker: Blocker) -> Blocker:
    if blocker.mend not in _OF_AN_ORDER:
        return blocker
    # it may be mended on the page of another order than the one that was pressed
    return replace(blocker, what=note("blocked.beside", number=order.order_number, what=blocker.what), mend="none")


def why_apart(orders: Sequence[Candidate], limits: Limits) -> Message | None:
    """Why these orders, which nothing blocks, cannot stand on one invoice; None when they can."""
    if len(orders) < 2:
        return None
    if len({one.relation_code for one in orders}) > 1:
        return msg("Ze zijn niet van dezelfde klant.")
    if len({one.regime for one in orders}) > 1:
        return msg("Op de ene bon geldt andere btw dan op de andere.")
    count = line_count(orders)
    if count > limits.lines:
        return msg(
            "Samen hebben ze %(count)s regels, met een kop per bon. Een factuur heeft er hoogstens %(most)s.",
            count=count, most=limits.lines,
        )  # fmt: skip
    excl = sum((line.total for one in orders for line in one.lines), ZERO)
    if abs(excl) > MOST:
        return too_large()
    wages = _as_one(orders).wage_part
    return chain_liability.too_much(wages, excl) if wages is not None else None


def split(orders: Sequence[Candidate], limits: Limits) -> list[list[Candidate]]:
    """Orders of one customer over as few invoices as they can stand on, without an order on two of them; an invoice
    is filled in the order of the work, for one kind of VAT at a time."""
    parts: list[list[Candidate]] = []
    for regime in dict.fromkeys(one.regime for one in in_order(orders)):
        part: list[Candidate] = []
        for one in in_order([one for one in orders if one.regime == regime]):
            if part and why_apart([*part, one], limits) is not None:
                parts.append(part)
                part = []
            part.append(one)
        parts.append(part)
    return parts
