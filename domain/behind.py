"""When our database came back from an older copy: how that is proved, and which invoice over there is whose.

An invoice of ours names its work order in its first line (domain/first_line.py). One that does, under a number
of our series that this database never gave out, was sent by a later state of it. Pure decisions: the services ask them
whenever a number turns out taken and whenever they look back, the model check (tests/model) in every order of events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain import first_line
from domain import posting as states
from domain.invoice import InvoiceDraft, RemoteInvoice, differences
from domain.numbering import taken_apart, written

# another number and another day make no other invoice: both were chosen when it was sent
_BESIDE = frozenset({"number", "on"})


class Whose(StrEnum):
    """Whose invoice stands over there under a number of our series that we do not know to be used.

    anothers: it names no work order, so it was not made here. unclear: it names one whose customer is another, or one
    that this database would have. lost: it names one that this database did not make yet. ours: it names one that is
    here, and the customer fits.
    """

    ANOTHERS = "anothers"
    UNCLEAR = "unclear"
    LOST = "lost"
    OURS = "ours"


@dataclass(frozen=True)
class OrderHere:
    """A work order of ours as an invoice of it would go out now: `draft` is None while something blocks it. `free`:
    nothing that may stand over there bills it."""

    number: str
    relation_code: str
    draft: InvoiceDraft | None
    free: bool


def order_named(theirs: RemoteInvoice) -> str:
    """The number of the work order that an invoice names in its first line, or an empty text."""
    return first_line.order_named(theirs.lines[0].description) if theirs.lines else ""


def executed_on(theirs: RemoteInvoice) -> date:
    """The day of execution that an invoice tells in its first line; its own date when it tells none that can be."""
    told = first_line.day_told(theirs.lines[0].description) if theirs.lines else None
    return min(told or theirs.on, theirs.on)


def of_series(number: str, prefixes: Sequence[str]) -> tuple[str, int, int] | None:
    """Prefix, year and serial of a number that one of our series writes; None for any other."""
    year, serial = taken_apart(number)
    return next(((one, year, serial) for one in prefixes if written(one, year, serial) == number), None)


def is_unknown(number: str | None, holder: str | None) -> bool:
    """Whether an invoice over there under a number of ours is news: in which state the number is here (None: never
    given out) and the posting that holds it (None: none). One that is taken, void or posted was decided upon; what is
    under way or uncertain is looked up by itself."""
    if number is None or number == states.FREE:
        return True
    return number == states.HELD and (holder is None or states.may_give_up(holder))


def may_be_taken_up(live: str | None) -> bool:
    """Whether an order whose live posting stands so (None: it has none) may get an invoice that stands over there, when
    a person says so. That sends nothing, so what is uncertain may be as well."""
    return live is None or live == states.UNCERTAIN or states.may_give_up(live)


def whose(theirs: RemoteInvoice, order: OrderHere | None, made_here: bool) -> Whose:
    """Whose an invoice is. `order` is the one that it names when that is here; `made_here`: when it is not, whether
    this database gave its number out all the same."""
    if not order_named(theirs):
        return Whose.ANOTHERS
    if order is None:
        return Whose.UNCLEAR if made_here else Whose.LOST
    return Whose.OURS if order.relation_code == theirs.relation_code else Whose.UNCLEAR


def proves_behind(kind: Whose) -> bool:
    """Whether a taken number proves that this database is an older copy: only when the invoice is one of ours."""
    return kind is Whose.OURS


def asks_a_person(kind: Whose) -> bool:
    """Whether nothing may be sent before somebody said whose this is, once we know to be behind."""
    return kind is not Whose.ANOTHERS


def stops(kind: Whose) -> bool:
    """Whether an invoice that was found while looking back shows that we are behind."""
    return kind in {Whose.OURS, Whose.LOST}


def is_recognised(theirs: RemoteInvoice, order: OrderHere | None) -> bool:
    """Whether an invoice is, beyond doubt, that of the order which it names: it would go out like this now."""
    if order is None or order.draft is None or not order.free or order.number != order_named(theirs):
        return False
    return not set(differences(order.draft, theirs)) - _BESIDE
