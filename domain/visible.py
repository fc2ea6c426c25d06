"""Whether a text has anything to see: one of nothing but invisible characters counts as empty."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"}
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that are drawn as nothing


def bare(text: str | None) -> str:
    """A text without blanks around it; empty when nobody can see anything of it."""
    stripped = (text or "").strip()
    seen = stripped.isascii() and stripped.isprintable()
    return stripped if seen or any(map(_shows, stripped)) else ""


def reads_the_same(one: str | None, other: str | None) -> bool:
    """Whether two texts are one to a reader, who sees no capitals as another name and no blanks around it."""
    return bare(one).casefold() == bare(other).casefold()


def _shows(sign: str) -> bool:
    return sign not in _BLANK and unicodedata.category(sign) not in _UNSEEN
