"""What somebody types to find a row, and what rows are found by: words, folded, matched by their beginning.

A word also begins behind a mark (*voorbeeld* in an address of mail) and where letters turn into digits (*2026* in
WB2026-0031), and leading zeros may be left out. What is written with marks between is found without them as well: *bv*
for B.V., *1234ab* for 1234 AB; not a name with a number, which would make each of them another word. Capitals, accents
and kinds of quotes are no matter (domain/fold.py).
"""

from __future__ import annotations

import re
from itertools import pairwise

from domain.fold import INSIDE, fold

LONGEST_WORD = 40  # characters; what comes behind them is no matter
MOST_WORDS = 8  # of a text: the longest say most, and a list of loose letters would cost a look-up each
PAST = "\U0010ffff"  # behind a beginning: all that begins so comes before it
_CODE = 20  # characters: a text with a digit that is no longer, and begins with no name, is one word without its blanks
_PART = re.compile(r"[^\W_]+")
_NAME = re.compile(r"[^\W\d_]{4}")
_BORDER = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def words_in(*texts: str) -> tuple[str, ...]:
    """The words that a row with these texts is found by, in their order; one that is the beginning of another adds
    nothing."""
    found: set[str] = set()
    for text in map(fold, texts):
        for chunk in text.split():
            parts = _PART.findall(chunk)
            found |= {*parts, *_PART.findall(INSIDE.sub("", chunk)), "".join(parts)}
        whole = "".join(_PART.findall(text))
        if len(whole) <= _CODE and not _NAME.match(whole) and any(map(str.isdigit, whole)):
            found.add(whole)
    found |= {word[border.start() :] for word in found for border in _BORDER.finditer(word)}
    found |= {word.lstrip("0") for word in found if word.isdecimal()}
    words = sorted({word[:LONGEST_WORD] for word in found if word})
    return tuple(word for word, following in pairwise((*words, "")) if not following.startswith(word))


def words_typed(text: str) -> tuple[str, ...]:
    """The words to look for, longest first and no more than `MOST_WORDS`; one that is the beginning of another adds
    nothing."""
    found = {word[:LONGEST_WORD] for word in _PART.findall(INSIDE.sub("", fold(text)))}
    words = sorted(found, key=lambda word: (-len(word), word))
    telling = [word for n, word in enumerate(words) if not any(other.startswith(word) for other in words[:n])]
    return tuple(telling[:MOST_WORDS])
