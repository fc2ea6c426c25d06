"""What goes into letters to people we do not know yet: a name, on one line, that leads nowhere."""

from __future__ import annotations

import re
import unicodedata

from domain.message import Refusal, msg
from domain.visible import bare

LONGEST = 100
_MAIL = re.compile("@")  # a mail program makes a link of what is around it
_LINK = re.compile(r"://|\bwww\.|\b(?:https?|mailto|javascript|data):|[\w-]\.[a-z]{2,}/", re.IGNORECASE)
# what a mail program makes a link of by itself: a word of two letters or more, a point, and a small ending
_HOST = re.compile(r"[^\W_][\w-]+\.(?:[a-z]{2,24})\b")


def of_person(text: str | None, field: str = "name") -> str:
    """The name of somebody, blanks folded. Raises Refusal with the field when it is not seen, has a line end or another
    sign of control in it, is longer than 100 characters, or has a part that a mail program would make a link of."""
    name = _checked(text, field)
    if _HOST.search(name) or _MAIL.search(name):
        raise Refusal(msg("Een naam bevat geen webadres of e-mailadres. Zet na een punt een spatie."), field)
    return name


def of_company(text: str | None, field: str = "name") -> str:
    """The same of a company, which may be called after its address, such as Vos.nl, but not with a link in it."""
    return _checked(text, field)


def in_a_letter(text: str) -> str:
    """A name of before these rules as it goes into a letter: on one line, and with what would be a link left open."""
    text = " ".join("".join(" " if _controls(sign) else sign for sign in text).split())[:LONGEST]
    leads = _LINK.search(text) or _MAIL.search(text)
    return re.sub(r"(://|@|(?<=\w)\.(?=\w))", r" \1 ", text) if leads else text


def _checked(text: str | None, field: str) -> str:
    name = bare(text)
    if not name:
        raise Refusal(msg("Vul een naam in."), field)
    if any(_controls(sign) for sign in name):
        raise Refusal(msg("Een naam staat op één regel."), field)
    if len(name) > LONGEST:
        raise Refusal(msg("Gebruik hoogstens %(max)d tekens.", max=LONGEST), field)
    if _LINK.search(name):
        raise Refusal(msg("Een naam bevat geen webadres of e-mailadres. Zet na een punt een spatie."), field)
    return " ".join(name.split())


def _controls(sign: str) -> bool:
    """Line ends and what turns the reading direction, which can make one name look like another text."""
    return (
        unicodedata.category(sign) in {"Cc", "Zl", "Zp"}
        or sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
