"""When our database came back from an older copy: how that is proved, and which invoice over there is whose.

An invoice of ours names its work order in its first line (domain/first_line.py). One that does, under a number
of our series that this database never gave out, was sent by a later state of it. Pure decisions: the services ask them
whenever a number turns out taken and whenever they look back, the model check (tests/model) in every order of events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from domain import collective, first_line
from domain import posting as states
from domain.invoice import InvoiceLine, RemoteInvoice, differences
from domain.numbering import taken_apart, written
from domain.preflight import Candidate

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
    """A work order of ours; `ours` is what an invoice of it would be made of now, None while something blocks it.
    `free`: nothing that may stand over there bills it. `terms`: as much of each term before the last that is
    agreed, by its number."""

    number: str
    relation_code: str
    ours: Candidate | None
    free: bool
    terms: Mapping[int, OrderHere] = field(default_factory=dict)


def order_named(theirs: RemoteInvoice) -> str:
    """The number of the work order that an invoice names in its first line, or an empty text."""
    return first_line.order_named(theirs.lines[0].description) if theirs.lines else ""


def orders_named(theirs: RemoteInvoice) -> tuple[str, ...]:
    """The numbers of all the work orders that an invoice names, in its order: the one of its first line and, where
    that is a heading (domain/collective.py), those of the headings that follow."""
    return orders_headed(theirs.lines) or tuple(filter(None, (order_named(theirs),)))


def term_named(lines: Sequence[InvoiceLine]) -> int:
    """Which term of its order an invoice with these lines says to be; 0 for any other."""
    return first_line.term_named(lines[0].description) if lines else 0


def orders_headed(lines: Sequence[InvoiceLine]) -> tuple[str, ...]:
    """The numbers of the work orders whose headings stand in these lines; none unless the first line is one."""
    texts = [line.description for line in lines if not line.total]
    if not lines or lines[0].total or not first_line.headed(texts[0]):
        return ()
    return tuple(dict.fromkeys(filter(None, map(first_line.headed, texts))))


def executed_on(theirs: RemoteInvoice, order_number: str = "") -> date:
    """The day of execution that an invoice tells in the heading of this order, or else in its first line; its own date
    when it tells none that can be."""
    texts = [line.description for line in theirs.lines]
    own = (text for text in texts if order_number and first_line.headed(text) == order_number)
    text = next(own, texts[0] if texts else "")
    return min(first_line.day_told(text) or theirs.on, theirs.on)


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


def whose_of_all(kinds: Sequence[Whose]) -> Whose:
    """Whose an invoice is that names orders of which it would be whose alone: ours as soon as it is for one of them."""
    return next((kind for kind in (Whose.OURS, Whose.LOST, Whose.UNCLEAR) if kind in kinds), Whose.ANOTHERS)


def proves_behind(kind: Whose) -> bool:
    """Whether a taken number proves that this database is an older copy: only when the invoice is one of ours."""
    return kind is Whose.OURS


def asks_a_person(kind: Whose) -> bool:
    """Whether nothing may be sent before somebody said whose this is, once we know to be behind."""
    return kind is not Whose.ANOTHERS


def stops(kind: Whose) -> bool:
    """Whether an invoice that was found while looking back shows that we are behind."""
    return kind in {Whose.OURS, Whose.LOST}


def is_recognised(theirs: RemoteInvoice, orders: Sequence[OrderHere]) -> bool:
    """Whether an invoice is, beyond doubt, that of the orders which it names, in its order: it would go out like this
    now."""
    if not orders or not all(order.free and order.ours for order in orders):
        return False
    if tuple(order.number for order in orders) != orders_named(theirs):
        return False
    draft = collective.draft([order.ours for order in orders if order.ours], "", theirs.on)
    return not set(differences(draft, theirs)) - _BESIDE
