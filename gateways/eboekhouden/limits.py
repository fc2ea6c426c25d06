"""What their fields hold, by their manual: checked before anything is sent, and never cut."""

from __future__ import annotations

from collections.abc import Iterable

from domain.limits import INVOICE_FIELDS, LINE_FIELDS, Limits, field_note, too_long, unsendable
from domain.message import Message
from domain.notes import note
from domain.relation import LONGEST, SAID
from gateways.bookkeeping import Unfit

ALL = Limits(
    rows=2000,
    lines=100,
    invoice={"number": 50, "relation_code": 15, "template": 50},
    line={"unit": 50, "code": 50, "vat_code": 12, "ledger_code": 10},
)
# how a field is called on the screen, and how many characters it holds
INVOICE = {name: (said, ALL.invoice.get(name)) for name, said in INVOICE_FIELDS.items()}
LINE = {name: (said, ALL.line.get(name)) for name, said in LINE_FIELDS.items()}
# a change takes less of these than a new relation does
SHORTER_IN_A_CHANGE = {"contact": 50}

_REQUIRED = ("code", "name")

Check = tuple[str, str | Message, str, int | None]


def check_relation(values: Iterable[tuple[str, str]], change: bool = False) -> None:
    """Check (our field name, text) pairs. Raises Unfit with the field; ValueError for a field that is none."""
    known = LONGEST | (SHORTER_IN_A_CHANGE if change else {})
    for name, text in values:
        if name not in known:
            raise ValueError(f"a relation has no field {name!r}")
        if name in _REQUIRED and not text.strip():
            raise Unfit(note("unfit.missing", field=field_note(name)), name)
        check((name, SAID[name], text, known[name]))


def check(*fields: Check) -> None:
    """Check (our field name, its name on the screen, text, longest or None) each. Raises Unfit with the field."""
    for name, said, text, longest in fields:
        field = field_note(name, said) if isinstance(said, str) else said
        if too_long(text, longest):
            raise Unfit(note("unfit.too_long", field=field, length=len(text), most=longest), name)
        wrong = unsendable(text)
        if wrong:
            raise Unfit(note("unfit.character", field=field, found=wrong), name)
