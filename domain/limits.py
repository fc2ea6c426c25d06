"""What a bookkeeping takes: how many rows, lines and characters at most, and which characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.message import N_, Message, as_written
from domain.relation import SAID

# XML cannot carry these; one of them breaks the whole message
UNSENDABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# per field of ours: how it is called on the screen
INVOICE_FIELDS = {"number": N_("factuurnummer"), "relation_code": N_("relatiecode"), "template": N_("factuursjabloon")}
LINE_FIELDS = {
    "unit": N_("eenheid"),
    "code": N_("code"),
    "description": N_("omschrijving"),
    "vat_code": N_("btw-code"),
    "ledger_code": N_("grootboekrekening"),
}


@dataclass(frozen=True)
class Limits:
    """What a bookkeeping takes and gives at most: rows in an answer, lines on an invoice, and characters per field of
    an invoice, of a line and of a relation (by our names; one that is not there holds any number). A relation's text
    that is longer than its `doubtful` may be refused all the same."""

    rows: int
    lines: int
    invoice: Mapping[str, int]
    line: Mapping[str, int]
    relation: Mapping[str, int] = field(default_factory=dict)
    doubtful: Mapping[str, int] = field(default_factory=dict)


FIELD_NAMES = SAID | INVOICE_FIELDS | LINE_FIELDS


def field_note(name: str, said: str = "") -> Message:
    """What a field is called, as a row can hold it; what is no field of ours stands as it is `said`."""
    return Message(said or FIELD_NAMES[name], key=f"field.{name}") if name in FIELD_NAMES else as_written(said or name)


def unsendable(text: str) -> str:
    """The first character that cannot be sent, as U+0000; empty when all can."""
    found = UNSENDABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def too_long(text: str, longest: int | None) -> bool:
    """Whether a text has more characters than they take."""
    return longest is not None and len(text) > longest
