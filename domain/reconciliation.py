"""Our books held against theirs: what is equal, what differs, and when something is proven to be missing.

A list of theirs proves only what it holds: no manual names its order, its end or its pages. So an invoice that is not
in a list is suspected, and called missing only after two searches of its own (domain/posting.py, `after_search`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from domain import first_line
from domain.differing import Difference, told
from domain.invoice import InvoiceDraft, RemoteInvoice
from domain.message import N_

# What a service lists at most is a round number; a list that is exactly so long may have been cut off.
_ROUND = 50
CALLS_A_DAY = 50  # to one administration, for all that is held against each other in a day
MONTHS_BACK = 12  # before the present one: a book year is closed in the next
FEW = 40  # invoices of ours that are asked for together, whatever their months
_AHEAD = timedelta(days=366)  # of today: somebody may have dated one later over there
_DAY = timedelta(days=1)

Period = tuple[date, date]  # both days included


class Kind(StrEnum):
    """How an invoice stands in both books."""

    EQUAL = "equal"
    CHANGED = "changed"  # it is there, and differs
    RENUMBERED = "renumbered"  # it is there, under another number
    REPLACED = "replaced"  # under its number stands another invoice
    DOUBLE = "double"  # it is there more than once, under one number
    UNREADABLE = "unreadable"  # it is there, and cannot be read
    SUSPECTED = "suspected"  # in no list, which proves nothing; to be looked up
    UNSURE = "unsure"  # looked up and not found, and that proved nothing either
    MISSING = "missing"  # proved not to be there
    UNKNOWN = "unknown"  # it is there, under a number of our series that nothing of ours has


KIND_NAMES = {
    Kind.EQUAL: N_("gelijk"),
    Kind.CHANGED: N_("daar gewijzigd"),
    Kind.RENUMBERED: N_("daar hernummerd"),
    Kind.REPLACED: N_("daar een andere factuur"),
    Kind.DOUBLE: N_("staat daar dubbel"),
    Kind.UNREADABLE: N_("daar onleesbaar"),
    Kind.SUSPECTED: N_("nog op te zoeken"),
    Kind.UNSURE: N_("niet gevonden, niet zeker"),
    Kind.MISSING: N_("verdwenen daar"),
    Kind.UNKNOWN: N_("hier onbekend"),
}
# What somebody has to look at. What is missing or replaced is so as an order, by its posting's state; what makes us
# behind is told as that.
# What is looked up by itself before anything is said of it.
PROVED_BY_LOOKING = frozenset({Kind.SUSPECTED, Kind.UNSURE, Kind.REPLACED})
# What a person decides with the order, and not by leaving it as it is.
DECIDED_AT_ORDER = frozenset({Kind.MISSING, Kind.SUSPECTED, Kind.REPLACED})
TELLS = frozenset({Kind.CHANGED, Kind.RENUMBERED, Kind.DOUBLE, Kind.UNREADABLE, Kind.UNSURE})
# What is still looked up once its day lies before the days that are held against each other: a list shows the rest.
LOOKED_UP_WHEN_OLD = frozenset({Kind.CHANGED, Kind.RENUMBERED, Kind.SUSPECTED, Kind.UNSURE})


class Cause(StrEnum):
    """Why ours are held against theirs."""

    NIGHT = "night"
    FIRST = "first"  # nothing was held against this administration since the link with it was started
    AWAY = "away"  # this database was put back, or nobody worked with it for a while
    BUTTON = "button"


CAUSE_NAMES = {
    Cause.NIGHT: N_("elke nacht"),
    Cause.FIRST: N_("eerste keer sinds het koppelen"),
    Cause.AWAY: N_("Crafter was een tijd weg of is teruggezet"),
    Cause.BUTTON: N_("gevraagd"),
}


class Stand(StrEnum):
    """How a finding stands."""

    OPEN = "open"
    ACCEPTED = "accepted"  # it is as it is, said somebody; it comes back when it becomes something else
    SETTLED = "settled"


STAND_NAMES = {Stand.OPEN: N_("open"), Stand.ACCEPTED: N_("aanvaard"), Stand.SETTLED: N_("opgelost")}


class How(StrEnum):
    """How a finding came to its end."""

    NOT_YET = ""
    ACCEPTED = "accepted"  # somebody left it as it is, with a reason
    EQUAL = "equal"  # both are the same again
    FOUND = "found"  # what could not be proved is there, and the same
    OTHERWISE = "otherwise"  # it became another finding
    DECIDED = "decided"  # the posting came to another end: sent again, let go, recognised
    TAKEN = "taken"  # of a number: recorded as used over there by somebody else


HOW_NAMES = {
    How.NOT_YET: "",
    How.ACCEPTED: N_("zo gelaten"),
    How.EQUAL: N_("weer gelijk"),
    How.FOUND: N_("toch gevonden, en gelijk"),
    How.OTHERWISE: N_("iets anders geworden"),
    How.DECIDED: N_("beslist bij de werkbon"),
    How.TAKEN: N_("nummer genoteerd als daar in gebruik"),
}


def is_unproved(kind: str, looked_up: bool) -> bool:
    """Whether it is not known yet, or could not be proved, how the invoice of a finding stands."""
    return kind in {Kind.SUSPECTED, Kind.UNSURE} or (kind == Kind.REPLACED and not looked_up)


def may_be_left(state: str, kind: str, looked_up: bool, elsewhere: bool) -> bool:
    """Whether somebody may leave a finding as it is. `elsewhere`: it is of an administration that is not linked, so
    that nobody can look there and what is not proved stays so."""
    if state != Stand.OPEN:
        return False
    return kind not in DECIDED_AT_ORDER or (elsewhere and is_unproved(kind, looked_up))


@dataclass(frozen=True)
class Ours:
    """An invoice that we posted; `under` is the number it stands under over there, as far as we know."""

    posting_id: UUID
    draft: InvoiceDraft
    under: str


@dataclass(frozen=True)
class Held:
    """One invoice of ours held against theirs: how it stands, which of theirs it is, and what differs."""

    kind: Kind
    theirs: RemoteInvoice | None = None
    differs: tuple[Difference, ...] = ()


def held_against(ours: Ours, theirs: Iterable[RemoteInvoice], unreadable: Collection[str] = ()) -> Held:
    """How one invoice of ours stands among these of theirs. Of several under its number the most alike counts; and one
    that got its own number back is there under that."""
    listed = list(theirs)
    number = ours.draft.number
    under = [one for one in listed if one.number == number and (ours.under == number or named_alike(ours.draft, one))]
    under = under or [one for one in listed if one.number == ours.under]
    if not under:
        return Held(Kind.UNREADABLE if {ours.under, number} & set(unreadable) else Kind.SUSPECTED)
    compared = sorted(((told(ours.draft, one), one) for one in under), key=lambda pair: len(pair[0]))
    differs, one = compared[0]
    if one.number != number:
        return Held(Kind.RENUMBERED, one, differs)
    if sum(named_alike(ours.draft, other) for other in under) > 1:
        return Held(Kind.DOUBLE, one, differs)
    if differs and is_another(ours.draft, one):
        return Held(Kind.REPLACED, one, differs)
    return Held(Kind.CHANGED if differs else Kind.EQUAL, one, differs)


def is_another(ours: InvoiceDraft, theirs: RemoteInvoice) -> bool:
    """Whether what stands under our number has nothing of ours: it does not name what we bill, and is to another
    relation or has none of our lines. What somebody edited still has something."""
    if named_alike(ours, theirs):
        return False
    mine = {(line.code, line.quantity, line.price) for line in ours.lines}
    shared = any((line.code, line.quantity, line.price) in mine for line in theirs.lines)
    return ours.relation_code != theirs.relation_code or not shared


def open_period(today: date) -> Period:
    """The days whose invoices are held against each other: the present month, the twelve before it, and what lies
    ahead."""
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    return date(months // 12, months % 12 + 1, 1), today + _AHEAD


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def to_read(period: Period, ours: int, today: date) -> list[Period]:
    """The parts to ask for one by one: a month each, or all of it at once when few invoices of `ours` are in it. What
    lies ahead of today's month goes with that."""
    first, last = period
    if ours <= FEW:
        return [period]
    begins = []
    while first <= today:
        begins.append(first)
        first = month_of(first + timedelta(days=31))
    ends = [begin - _DAY for begin in begins[1:]]
    return list(zip(begins, [*ends, last], strict=True))


def halves(period: Period) -> tuple[Period, ...]:
    """A period in two, for a list that proved nothing; none when it is one day."""
    first, last = period
    if first >= last:
        return ()
    middle = first + (last - first) // 2
    return (first, middle), (middle + _DAY, last)


def around(period: Period, days: Iterable[date]) -> tuple[Period, ...]:
    """A period in parts, for a list that may have been cut off and showed invoices of these `days`: in two where half
    of them lie on either side; where most are of one day that one apart, with the days about it, for who asks for a
    day asks for its neighbours too. None when it is one day."""
    first, last = period
    seen = sorted(day for day in days if first <= day <= last)
    if first >= last or not seen:
        return halves(period)
    middle = seen[len(seen) // 2]
    if 2 * seen.count(middle) < len(seen):
        return halves(period) if middle >= last else ((first, middle), (middle + _DAY, last))
    edges = [first, max(middle - _DAY, first), min(middle + 2 * _DAY, last + _DAY), last + _DAY]
    parts = tuple((begin, end - _DAY) for begin, end in pairwise(edges) if begin < end)
    return parts if len(parts) > 1 else halves(period)


def parts_to_text(parts: Sequence[Period]) -> str:
    """Periods as a row holds them."""
    return json.dumps([[first.isoformat(), last.isoformat()] for first, last in parts])


def parts_from_text(text: str) -> list[Period]:
    """What `parts_to_text` wrote, back."""
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in json.loads(text or "[]")]


def looks_cut_off(size: int) -> bool:
    """Whether an answer of so many invoices may have been cut off."""
    return size > 0 and size % _ROUND == 0


def proves_absence(size: int, lost: int) -> bool:
    """Whether what is not in a list of this size, of which `lost` could not be read, is not there."""
    return not lost and not looks_cut_off(size)


def named_alike(ours: InvoiceDraft, theirs: RemoteInvoice) -> bool:
    """Whether theirs says that it bills what ours bills: a line of it begins with the work order, the customer's
    number, the day and the place that our first line begins with (domain/first_line.py)."""
    name = _flat(first_line.beginning(ours.lines[0].description)) if ours.lines else ""
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
