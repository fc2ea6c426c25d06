"""Records of an answer in our words: what can be read is taken, what cannot is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from domain.invoice import RemoteInvoice
from domain.notes import note
from gateways.bookkeeping import Odd, OddRow, OpenItem, RemoteArticle, RemoteRelation, Unreachable
from gateways.eboekhouden import mapping
from gateways.eboekhouden.answers import Known, Result, Rows, child_text, own
from gateways.eboekhouden.narrowing import Part

_INVOICES = f"{own('Facturen')}/{own('cFactuurList')}"

C = TypeVar("C", RemoteRelation, RemoteArticle)
T = TypeVar("T")


def known(seen: Mapping[int, object], by: str) -> Known:
    """For the reader of an answer: the rows seen before, by the number in the element `by`."""

    def has(number: str) -> bool:
        try:
            return int(number) in seen
        except ValueError:
            return False

    return Known(by, has)


def _never(_row: dict[str, str]) -> bool:
    return False


def mapped(
    rows: Rows,
    into: Callable[[dict[str, str]], T],
    odd_in: Callable[[dict[str, str]], bool] = _never,
    seen: Mapping[int, T] = MappingProxyType({}),
) -> Part[T]:
    """Their rows in our words, those that were `known` as they were seen. One that cannot be read is passed over and
    named: it keeps nobody from the rest. `odd_in` tells of a row that was read whether it has a VAT code of before."""
    read = [seen[int(number)] for number in rows.known]
    odd: list[OddRow] = []
    for place, row in enumerate(rows.rows):
        ways = [Odd.CLEANED] if place in rows.cleaned else []
        try:
            read.append(into(row))
        except (ValueError, KeyError):
            ways = [Odd.UNREADABLE]
        else:
            ways += [Odd.FORMER_VAT] if odd_in(row) else []
        odd += [OddRow(mapping.known_by(row), how) for how in ways]
    return Part(tuple(read), tuple(odd))


def with_code(part: Part[C], code: str) -> C | None:
    """The row with exactly this code, or None. Raises Unreachable when it may be one that could not be read."""
    found = next((row for row in part.rows if row.code == code), None)
    if found is None and any(one.lost for one in part.odd):
        raise Unreachable(note("call.bad_row"))
    return found


def listed_invoices(result: Result) -> Part[RemoteInvoice]:
    """All invoices of an answer. One that cannot be read is named by its number, and keeps nobody from the rest."""
    read: list[RemoteInvoice] = []
    odd: list[OddRow] = []
    for found in result.element.iterfind(_INVOICES):
        try:
            read.append(mapping.invoice_in(found))
        except ValueError:
            odd.append(OddRow(child_text(found, "Factuurnummer")[:50], Odd.UNREADABLE))
    return Part(tuple(read), tuple(odd))


def open_items(rows: Rows) -> Part[OpenItem]:
    """All open items of an answer. One that cannot be read is named by its number, and keeps nobody from the rest."""
    read: list[OpenItem] = []
    odd: list[OddRow] = []
    for row in rows.rows:
        try:
            read.append(mapping.open_item_in(row))
        except ValueError:
            odd.append(OddRow(row.get("MutFactuur", "")[:50], Odd.UNREADABLE))
    return Part(tuple(read), tuple(odd))


def invoices_with(result: Result, name: str, value: str) -> Sequence[RemoteInvoice]:
    """The invoices of an answer whose field `name` is exactly `value`: filters of theirs may be looser."""
    listed = result.element.iterfind(_INVOICES)
    try:
        return [mapping.invoice_in(found) for found in listed if (found.findtext(own(name)) or "").strip() == value]
    except ValueError:
        raise Unreachable(note("call.bad_invoice", operation="GetFacturen")) from None
