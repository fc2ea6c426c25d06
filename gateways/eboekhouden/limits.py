"""What their fields hold: checked before anything is sent, and never cut. Lengths are those of their manual."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateways.bookkeeping import Unfit

# XML cannot carry these; one of them breaks the whole message
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# per field of ours: how it is called on the screen and how many characters it holds
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
_SHORTER_IN_A_CHANGE = {"contact": ("contactpersoon", 50)}
_REQUIRED = ("code", "name")

Check = tuple[str, str, str, int | None]


def check_relation(values: Iterable[tuple[str, str]], change: bool = False) -> None:
    """Check (our field name, text) pairs. Raises Unfit with the field; ValueError for a field that is none."""
    known = RELATION | (_SHORTER_IN_A_CHANGE if change else {})
    for name, text in values:
        if name not in known:
            raise ValueError(f"a relation has no field {name!r}")
        said, longest = known[name]
        if name in _REQUIRED and not text.strip():
            raise Unfit(f"{said} ontbreekt", name)
        check((name, said, text, longest))


def check(*fields: Check) -> None:
    """Check (our field name, its name on the screen, text, longest or None) each. Raises Unfit with the field."""
    for name, said, text, longest in fields:
        if longest is not None and len(text) > longest:
            raise Unfit(f"{said} is te lang: {len(text)} tekens, hoogstens {longest}", name)
        wrong = _FORBIDDEN.search(text)
        if wrong:
            raise Unfit(f"{said} bevat een teken dat niet verstuurd kan worden (U+{ord(wrong[0]):04X})", name)
