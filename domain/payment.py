"""Whether an invoice is paid: what may be said of it by what the books show, and when it is late.

Nobody here sees money come in: the books say what is open, and paid is what is not open any more. So a list of theirs
that may lack something proves only what it holds, and where two things they say do not fit nothing is said but that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from domain.message import N_
from domain.money import ZERO

# A payment of so much more or less is matched over there, and leaves the difference standing (in euros).
SMALL_REST = Decimal("0.05")


class Paid(StrEnum):
    """How an invoice stands with its payment."""

    READY = "ready"  # it stands ready over there, and is in no books yet
    OPEN = "open"
    PARTLY = "partly"
    LATE = "late"  # open, wholly or in part, past its last day; no row says so, for a day makes it so
    PAID = "paid"
    SETTLE = "settle"  # a credit and what it credits, both open until somebody settles them with each other
    UNKNOWN = "unknown"


PAID_NAMES = {
    Paid.READY: N_("nog niet verwerkt"),
    Paid.OPEN: N_("open"),
    Paid.PARTLY: N_("deels betaald"),
    Paid.LATE: N_("te laat"),
    Paid.PAID: N_("betaald"),
    Paid.SETTLE: N_("te verrekenen"),
    Paid.UNKNOWN: N_("betaling onbekend"),
}
# Somebody still owes it.
OWED = frozenset({Paid.OPEN, Paid.PARTLY})
# It is among their open items, as far as we know.
LISTED = frozenset({*OWED, Paid.SETTLE})


@dataclass(frozen=True)
class Item:
    """An open item of theirs: what it came to and what of it is left to pay, in euros."""

    total: Decimal
    left: Decimal


@dataclass(frozen=True)
class Look:
    """What one look showed of an invoice. `items`: open items under its number and relation; `unclear`: one under its
    number cannot be read, or is another relation's; `whole`: the list was, so that what is not in it is not open.
    `total` and `left`: what the invoice itself says, None when it was not read. `credited`: it is a credit or has one.
    """

    items: tuple[Item, ...] = ()
    unclear: bool = False
    whole: bool = True
    total: Decimal | None = None
    left: Decimal | None = None
    credited: bool = False


@dataclass(frozen=True)
class Known:
    """What is known of an invoice: how it stands, what is left to pay (None: not known), and whether it ever was among
    the open items."""

    state: Paid
    left: Decimal | None = None
    was_open: bool = False


def told(look: Look, before: Known | None) -> Known | None:
    """What a look tells, after what was known `before`; None when it tells nothing, and what was known stays."""
    was_open = bool(look.items) or (before is not None and before.was_open)
    if look.unclear or len(look.items) > 1:
        return Known(Paid.UNKNOWN, None, was_open)
    for item in look.items:
        return Known(_of_item(item, look.credited), item.left, True)
    if look.total is not None and look.left is not None:
        return _of_invoice(look.total, look.left, was_open, look.whole)
    if look.whole and was_open and before is not None and before.state in {*LISTED, Paid.UNKNOWN}:
        return Known(Paid.PAID, ZERO, True)
    return None


def _of_item(item: Item, credited: bool) -> Paid:
    if credited:
        return Paid.SETTLE
    if _is_small_rest(item.total, item.left):
        return Paid.PAID
    if not ZERO < item.left <= item.total:
        return Paid.UNKNOWN
    return Paid.OPEN if item.left == item.total else Paid.PARTLY


def _of_invoice(total: Decimal, left: Decimal, was_open: bool, whole: bool) -> Known | None:
    """Of one that is not among the open items, by what it says itself; without `whole` it may be among them unseen."""
    if _is_small_rest(total, left):
        return Known(Paid.PAID, left, was_open)
    if not whole:
        return None
    if left == total and not was_open:
        return Known(Paid.READY, left)
    # open by itself, and not by their list: taken out of the books again, or settled in a way that we do not know
    return Known(Paid.UNKNOWN, None, was_open)


def _is_small_rest(total: Decimal, left: Decimal) -> bool:
    return left < total and abs(left) <= SMALL_REST


def last_day(on: date, term_days: int) -> date:
    """Until when an invoice of that day is to be paid."""
    return on + timedelta(days=term_days)


def shown(state: str, due_on: date | None, today: date, here: bool = True) -> Paid:
    """How an invoice stands today. Without `here` its administration is not linked, and nobody can look any more."""
    known = Paid(state)
    if not here and known is not Paid.PAID:
        return Paid.UNKNOWN
    return Paid.LATE if known in OWED and due_on is not None and due_on < today else known
