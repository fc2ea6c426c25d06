"""What their fields hold: checked before anything is sent, and never cut. The limits themselves are domain.limits."""

from __future__ import annotations

from collections.abc import Iterable

from domain.limits import RELATION, SHORTER_IN_A_CHANGE, too_long, unsendable
from gateways.bookkeeping import Unfit

_REQUIRED = ("code", "name")

Check = tuple[str, str, str, int | None]


def check_relation(values: Iterable[tuple[str, str]], change: bool = False) -> None:
    """Check (our field name, text) pairs. Raises Unfit with the field; ValueError for a field that is none."""
    known = RELATION | (SHORTER_IN_A_CHANGE if change else {})
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
        if too_long(text, longest):
            raise Unfit(f"{said} is te lang: {len(text)} tekens, hoogstens {longest}", name)
        wrong = unsendable(text)
        if wrong:
            raise Unfit(f"{said} bevat een teken dat niet verstuurd kan worden ({wrong})", name)
