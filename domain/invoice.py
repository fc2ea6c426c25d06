"""The invoice as plain values: what we send, what the bookkeeping has, and when the two are equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain import vat
from domain.message import N_, Message
from domain.money import CENT, ZERO, line_total


@dataclass(frozen=True)
class InvoiceLine:
    """One line: quantity in units, price per unit in euros excluding VAT."""

    code: str
    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    vat_code: str
    ledger_code: str

    @property
    def total(self) -> Decimal:
        """Quantity times price in euros, rounded to cents."""
        return line_total(self.quantity, self.price)


@dataclass(frozen=True)
class InvoiceDraft:
    """An invoice ready to be sent under our own number. `term_days` is the time to pay in days."""

    number: str
    relation_code: str
    on: date
    term_days: int
    template: str
    lines: tuple[InvoiceLine, ...]

    @property
    def totals(self) -> vat.Totals:
        """The totals by Crafter's rule (VAT rounded per code)."""
        return vat.add_up((line.vat_code, line.total) for line in self.lines)


@dataclass(frozen=True)
class RemoteInvoice:
    """An invoice as the bookkeeping shows it; totals are theirs, in euros."""

    number: str
    relation_code: str
    on: date
    term_days: int
    excl: Decimal
    vat: Decimal
    incl: Decimal
    open: Decimal
    lines: tuple[InvoiceLine, ...]


# How a payload is written. 1: VAT codes in the words of the bookkeeping it was meant for; 2: in ours. A payload is
# never rewritten, for its bytes are what may have arrived: older ones are read as they were written.
PAYLOAD_VERSION = 2


def freeze(draft: InvoiceDraft) -> str:
    """The draft as canonical JSON of PAYLOAD_VERSION: what a repeat after an uncertain outcome sends again."""
    body = {
        "number": draft.number,
        "relation_code": draft.relation_code,
        "on": draft.on.isoformat(),
        "term_days": draft.term_days,
        "template": draft.template,
        "lines": [
            {
                "code": line.code,
                "description": line.description,
                "quantity": str(line.quantity),
                "unit": line.unit,
                "price": str(line.price),
                "vat_code": line.vat_code,
                "ledger_code": line.ledger_code,
            }
            for line in draft.lines
        ],
    }
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def thaw(payload: str, version: int, our_vat: Callable[[str], str]) -> InvoiceDraft:
    """The draft back from `freeze`'s JSON, also of an earlier version; `our_vat` names a VAT code of the bookkeeping's.

    Raises ValueError for a version that is not known (yet).
    """
    if not 1 <= version <= PAYLOAD_VERSION:
        raise ValueError(f"payload version {version}")
    body: dict[str, Any] = json.loads(payload)
    lines = tuple(
        InvoiceLine(
            code=line["code"],
            description=line["description"],
            quantity=Decimal(line["quantity"]),
            unit=line["unit"],
            price=Decimal(line["price"]),
            vat_code=our_vat(line["vat_code"]) if version == 1 else line["vat_code"],
            ledger_code=line["ledger_code"],
        )
        for line in body["lines"]
    )
    on = date.fromisoformat(body["on"])
    return InvoiceDraft(body["number"], body["relation_code"], on, body["term_days"], body["template"], lines)


def relation_code_of(payload: str) -> str:
    """The code of the customer that a frozen payload, of any version, is for."""
    return str(json.loads(payload)["relation_code"])


def first_text_of(payload: str) -> str:
    """What the first line of a frozen payload, of any version, says."""
    lines = json.loads(payload)["lines"]
    return str(lines[0]["description"]) if lines else ""


def fingerprint(payload: str) -> str:
    """SHA-256 of a frozen payload, in hex."""
    return hashlib.sha256(payload.encode()).hexdigest()


def renumbered(draft: InvoiceDraft, number: str) -> InvoiceDraft:
    """The same invoice under another number."""
    return InvoiceDraft(number, draft.relation_code, draft.on, draft.term_days, draft.template, draft.lines)


DIFFERENCE_NAMES = {
    "number": N_("nummer"),
    "relation_code": N_("relatiecode"),
    "on": N_("datum"),
    "lines": N_("regels"),
    "excl": N_("totaal zonder btw"),
    "vat": N_("btw"),
}


def difference_notes(names: Sequence[str]) -> list[Message]:
    """What differs, as a row can hold it."""
    return [Message(DIFFERENCE_NAMES[name], key=f"difference.{name}") for name in names]


def differences(ours: InvoiceDraft, theirs: RemoteInvoice) -> tuple[str, ...]:
    """The names of what differs; empty means equal.

    Equal: number, relation code, date, line count; per line code, quantity, price and VAT code; total excluding
    VAT to the cent; VAT within 0.01 times the number of lines, since their rounding is an account setting.
    """
    found: list[str] = []
    if ours.number != theirs.number:
        found.append("number")
    if ours.relation_code != theirs.relation_code:
        found.append("relation_code")
    if ours.on != theirs.on:
        found.append("on")
    if not _same_lines(ours.lines, theirs.lines):
        found.append("lines")
    totals = ours.totals
    if totals.excl != theirs.excl:
        found.append("excl")
    if abs(totals.vat - theirs.vat) > CENT * max(len(ours.lines), 1):
        found.append("vat")
    return tuple(found)


def _same_lines(ours: Sequence[InvoiceLine], theirs: Sequence[InvoiceLine]) -> bool:
    def key(line: InvoiceLine) -> tuple[str, Decimal, Decimal, str]:
        return line.code, line.quantity + ZERO, line.price + ZERO, line.vat_code

    return [key(line) for line in ours] == [key(line) for line in theirs]
