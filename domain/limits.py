"""What the bookkeeping takes of a text: how many characters, and which. Lengths are those of its manual."""

from __future__ import annotations

import re

from domain.message import Message, as_written

# XML cannot carry these; one of them breaks the whole message
_UNSENDABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# per field of ours: how it is called on the screen and how many characters it holds at most (None: any number)
Limits = dict[str, tuple[str, int | None]]

RELATION = {
    "code": ("code", 15),
    "name": ("naam", 100),
    "contact": ("contactpersoon", 150),
    "address": ("adres", 150),
    "postcode": ("postcode", 50),
    "city": ("plaats", 50),
    "country": ("land", 50),
    "phone": ("telefoon", 50),
    "mobile": ("mobiel", 50),
    "email": ("e-mailadres", 150),
    "vat_number": ("btw-nummer", 50),
    "coc_number": ("KvK-nummer", 50),
    "iban": ("IBAN", 50),
}
# a change takes less of these than a new relation does
SHORTER_IN_A_CHANGE = {"contact": ("contactpersoon", 50)}

INVOICE: Limits = {
    "number": ("factuurnummer", 50),
    "relation_code": ("relatiecode", 15),
    "template": ("factuursjabloon", 50),
}
LINE: Limits = {
    "unit": ("eenheid", 50),
    "code": ("code", 50),
    "description": ("omschrijving", None),
    "vat_code": ("btw-code", 12),
    "ledger_code": ("grootboekrekening", 10),
}
FIELD_NAMES = {name: said for fields in (RELATION, INVOICE, LINE) for name, (said, _most) in fields.items()}
FIELD_NAMES["is_company"] = "soort"


def field_note(name: str, said: str = "") -> Message:
    """What a field is called, as a row can hold it; what is no field of ours stands as it is `said`."""
    return Message(said or FIELD_NAMES[name], key=f"field.{name}") if name in FIELD_NAMES else as_written(said or name)


def unsendable(text: str) -> str:
    """The first character that cannot be sent, as U+0000; empty when all can."""
    found = _UNSENDABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def too_long(text: str, longest: int | None) -> bool:
    """Whether a text has more characters than they take."""
    return longest is not None and len(text) > longest
