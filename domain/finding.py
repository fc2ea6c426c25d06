"""What somebody types to find a row, and what rows are found by: words, folded, matched by their beginning.

A word also begins behind a mark (*voorbeeld* in an address of mail) and where letters turn into digits (*2026* in
WB2026-0031), and leading zeros may be left out. What is written with marks between is found without them as well: *bv*
for B.V., *1234ab* for 1234 AB. Capitals, accents and kinds of quotes are no matter (domain/fold.py).
"""

from __future__ import annotations

import re

from domain.fold import INSIDE, fold

LONGEST_WORD = 40  # characters; what comes behind them is no matter
PAST = "\U0010ffff"  # behind a beginning: all that begins so comes before it
_CODE = 20  # characters: a text with a digit that is no longer is also one word without its blanks
_PART = re.compile(r"[^\W_]+")
_BORDER = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def words_in(*texts: str) -> frozenset[str]:
    """The words that a row with these texts is found by."""
    found: set[str] = set()
    for text in map(fold, texts):
        for chunk in text.split():
            parts = _PART.findall(chunk)
            found |= {*parts, *_PART.findall(INSIDE.sub("", chunk)), "".join(parts)}
        whole = "".join(_PART.findall(text))
        if len(whole) <= _CODE and any(sign.isdigit() for sign in whole):
            found.add(whole)
    found |= {word[border.start() :] for word in found for border in _BORDER.finditer(word)}
    found |= {word.lstrip("0") for word in found if word.isdecimal()}
    return frozenset(word[:LONGEST_WORD] for word in found if word)


def words_typed(text: str) -> tuple[str, ...]:
    """The words to look for, longest first; one that is the beginning of another adds nothing."""
    words = sorted({word[:LONGEST_WORD] for word in _PART.findall(INSIDE.sub("", fold(text)))}, key=len, reverse=True)
    return tuple(word for n, word in enumerate(words) if not any(other.startswith(word) for other in words[:n]))
