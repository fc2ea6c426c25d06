"""One way to read a text for who looks for it or sorts by it, the same on every database: what is compared is what we
stored, letter by letter, and no database's own rules for a language.

**The order of names.** Capitals, accents, apostrophes, quotes and points are no matter, a hyphen is a blank, and
numbers count as numbers. A name stands under its first word as it is written: *De Vries* under D, not under V. A guide
in the Netherlands sorts by the core word (*Vries, de*), one in Belgium by the first letter, and there is no rule
(https://taaladvies.net/alfabetische-rangschikking-van-namen/). Here names are companies' and people's alike and are
never shown turned about; Odoo and Dolibarr sort their customers as written, too. *ij* is an i and a j, as in
dictionaries, and not a y, as in telephone guides of before.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 150  # characters of a sort key; two texts alike that far are alike

# Letters that Unicode does not take apart into a letter and a mark.
LETTERS = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe"}
)
QUOTES = str.maketrans(dict.fromkeys("’‘‛`´′ʼ", "'") | dict.fromkeys("”“„‟", '"'))
WITHIN = ".'\""
INSIDE = re.compile(f"[{WITHIN}]")  # inside a word or at its edge: B.V. is BV, and 't Hoekje begins with a t
_OTHER = re.compile(r"[\W_]+")
_NUMBER = re.compile("[0-9]+")


def fold(text: str) -> str:
    """A text in small letters, without accents and with plain quotes, for who compares: CAFÉ, Café and cafe are the
    same, however they were composed. What cannot be seen (soft hyphens, marks of direction) is left out."""
    if text.isascii():  # most are, and nothing of that comes apart
        return text.translate(QUOTES).lower()
    parted = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(QUOTES)).casefold())
    seen = (sign for sign in parted if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    return "".join(seen).translate(LETTERS)


def holds(text: str, part: str) -> bool:
    """Whether a text has a part in it, both folded; points and apostrophes are no matter."""
    return INSIDE.sub("", fold(part)) in INSIDE.sub("", fold(text))


def sort_key(*texts: str) -> str:
    """What a text is sorted by, compared code by code; a second text decides between two alike in the first."""
    return "\t".join(key for key in map(_sort_key, texts) if key)[:LONGEST]


def _sort_key(text: str) -> str:
    plain = _OTHER.sub(" ", INSIDE.sub("", fold(text))).strip()
    return _NUMBER.sub(_as_number, plain) or fold(text).strip()


def _as_number(digits: re.Match[str]) -> str:
    """How long it is before the number itself: 0215 for 15 comes after 018 for 8."""
    number = (digits[0].lstrip("0") or "0")[:99]
    return f"{len(number):02d}{number}"
