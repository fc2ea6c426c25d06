"""Bytes of an answer, made fit for an XML parser: not too many elements, and without characters that XML forbids.

ASP.NET writes a control character that stands in its data (a vertical tab pasted from Word) as `&#xB;`, which no XML
1.0 parser takes. One such character in one record would make its whole list unreadable, so each becomes a mark first,
and the mark a space once the records are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from lxml import etree

from domain.limits import UNSENDABLE

# each element takes about 130 bytes of memory, each attribute a little less; 2,000 relations have some 180,000 marks
MOST_MARKS = 700_000
# may stand in XML and never means anything, so it is in no text of theirs
MARK = "\ufdd0"

_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKS = re.compile(f"{MARK}+")

T = TypeVar("T")


class TooMany(Exception):
    """So many elements that reading them would take more memory than any answer of theirs is worth."""


def bounded(content: bytes) -> bytes:
    """The same bytes. Raises TooMany: an element or attribute of two bytes in an answer takes a hundred in memory."""
    if content.count(b"<") + content.count(b"=") > MOST_MARKS:
        raise TooMany
    return content


def parsed(content: bytes, parse: Callable[[bytes], T]) -> tuple[T, bool]:
    """What `parse` makes of an answer, and whether it holds marks in place of forbidden characters.

    Raises etree.XMLSyntaxError when nothing makes XML of it, and TooMany.
    """
    try:
        return parse(bounded(content)), False
    except etree.XMLSyntaxError:
        marked = _marked(content)
        if marked is None:
            raise
    return parse(marked), True


def without_marks(text: str) -> str:
    """A text of an answer as we keep it: a space where characters stood that XML forbids."""
    return _MARKS.sub(" ", text) if MARK in text else text


def _marked(content: bytes) -> bytes | None:
    """The answer with a mark for each character that XML forbids; None when there is none."""
    try:
        # a byte that is no text comes out as a lone surrogate, which is forbidden too
        text = content.decode(_encoding(content), "surrogateescape")
    except (LookupError, UnicodeError):
        return None
    text, raw = UNSENDABLE.subn(MARK, _DECLARATION.sub("", text.removeprefix("\ufeff")))
    text = _REFERENCE.sub(_referred, text)
    return text.encode() if raw or MARK in text else None


def _referred(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    return MARK if number > 0x10FFFF or UNSENDABLE.match(chr(number)) else found[0]


def _encoding(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    declared = _DECLARED.match(content[:200].removeprefix(b"\xef\xbb\xbf"))
    return declared[1].decode() if declared else "utf-8"
