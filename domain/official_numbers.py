"""Numbers with a check digit or a fixed shape, as people type them: KvK, btw, IBAN, postcode."""

from __future__ import annotations

import re
from collections.abc import Callable

import stdnum.eu.vat
import stdnum.iban
import stdnum.nl.btw
import stdnum.nl.postcode
from stdnum.exceptions import ValidationError

from domain.message import Message, Refusal, msg

_AT_HOME = {"", "nl", "nld", "nederland", "the netherlands", "holland"}


def at_home(country: str) -> bool:
    """Whether a country as typed is the Netherlands (an empty one is)."""
    return country.strip().casefold() in _AT_HOME


def coc_number(text: str, country: str = "") -> str:
    """A KvK number of eight digits; one from abroad stays as typed. Empty stays empty. Raises Refusal."""
    digits = re.sub(r"[\s.]", "", text)
    if not text.strip() or not at_home(country):
        return text.strip()
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise Refusal(msg("Een KvK-nummer heeft 8 cijfers."), "coc_number")
    return digits


def vat_number(text: str) -> str:
    """A VAT number: Dutch, or of another EU country when it begins with its letters. Raises Refusal."""
    if not text.strip():
        return ""
    bare = re.sub(r"[\s.\-]", "", text).upper()
    if bare[:2].isalpha() and bare[:2] != "NL":
        said = msg("Dit btw-nummer klopt niet volgens de regels van het land waarmee het begint.")
        return _valid(stdnum.eu.vat.validate, bare, said, "vat_number")
    said = msg("Dit btw-nummer klopt niet. Een Nederlands nummer ziet eruit als NL123456789B01.")
    return "NL" + _valid(stdnum.nl.btw.validate, bare, said, "vat_number").removeprefix("NL")


def iban(text: str) -> str:
    """An IBAN without spaces. Raises Refusal when its check digits do not fit."""
    said = msg("Dit IBAN klopt niet. Kijk of er een teken is verwisseld of vergeten.")
    return _valid(stdnum.iban.validate, text, said, "iban") if text.strip() else ""


def postcode(text: str, country: str = "") -> str:
    """A Dutch postcode as 1234 AB; one from abroad stays as typed. Raises Refusal."""
    if not text.strip() or not at_home(country):
        return text.strip()
    said = msg("Een Nederlandse postcode heeft 4 cijfers en 2 letters, zoals 1234 AB.")
    return _valid(stdnum.nl.postcode.validate, text, said, "postcode")


def _valid(check: Callable[[str], str], text: str, said: Message, field: str) -> str:
    try:
        return str(check(text))
    except ValidationError:
        raise Refusal(said, field) from None
