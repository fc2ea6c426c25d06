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

# the countries of the EU (and Northern Ireland, whose goods count as of it) by their letters, and what people call them
_EU = frozenset(stdnum.eu.vat.MEMBER_STATES | {"el"})
_NAMES = {
    "AT": "oostenrijk austria", "BE": "belgië belgie belgium", "BG": "bulgarije bulgaria", "CY": "cyprus",
    "CZ": "tsjechië tsjechie czechia", "DE": "duitsland germany deutschland", "DK": "denemarken denmark",
    "EE": "estland estonia", "EL": "griekenland greece", "ES": "spanje spain", "FI": "finland",
    "FR": "frankrijk france", "HR": "kroatië kroatie croatia", "HU": "hongarije hungary", "IE": "ierland ireland",
    "IT": "italië italie italy", "LT": "litouwen lithuania", "LU": "luxemburg luxembourg", "LV": "letland latvia",
    "MT": "malta", "PL": "polen poland", "PT": "portugal", "RO": "roemenië roemenie romania",
    "SE": "zweden sweden", "SI": "slovenië slovenie slovenia", "SK": "slowakije slovakia", "XI": "noord-ierland",
}  # fmt: skip
EU = frozenset(_NAMES) | {"NL"}
_EU_NAMES = {name: letters for letters, names in _NAMES.items() for name in names.split()}
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


def vat_number(text: str, country: str = "") -> str:
    """A VAT number by the rules of the EU country whose letters it begins with, else of the country it stands with (an
    empty one is the Netherlands). One of outside the EU stays as typed. Raises Refusal."""
    bare = re.sub(r"[\s.\-]", "", text).upper()
    letters = bare[:2] if bare[:2].isalpha() else _letters(country)
    if letters == "GR":  # as ISO has it; in VAT numbers Greece is EL
        letters, bare = "EL", bare.removeprefix("GR")
    if not bare or letters.lower() not in _EU:
        return text.strip()
    if letters != "NL":
        said = msg("Dit btw-nummer klopt niet volgens de regels van het land waarbij het hoort.")
        whole = bare if bare.startswith(letters) else letters + bare
        return _valid(stdnum.eu.vat.validate, whole, said, "vat_number")
    said = msg("Dit btw-nummer klopt niet. Een Nederlands nummer ziet eruit als NL123456789B01.")
    return "NL" + _valid(stdnum.nl.btw.validate, bare, said, "vat_number").removeprefix("NL")


def eu_vat_number(text: str, country: str = "") -> tuple[str, str] | None:
    """The letters of the EU country that a VAT number is of, and the whole number as it is written on an invoice; None
    for one that is not right, or not of the EU."""
    try:
        number = vat_number(text, country)
    except Refusal:
        return None
    letters = number[:2]
    return (letters, number) if letters in EU and number[2:] and number == vat_number(number) else None


def _letters(country: str) -> str:
    """The letters of an EU country as typed, the Netherlands when nothing is; empty for any other."""
    name = country.strip().casefold()
    return "NL" if at_home(country) else _EU_NAMES.get(name, name.upper() if name in _EU else "")


def iban(text: str, field: str = "iban") -> str:
    """An IBAN without spaces. Raises Refusal, at this field, when its check digits do not fit; whether we know the bank
    does not matter (`unknown_bank`)."""
    said = msg("Dit IBAN klopt niet. Kijk of er een teken is verwisseld of vergeten.")
    return _valid(_by_check_digits, text, said, field) if text.strip() else ""


def unknown_bank(text: str) -> bool:
    """Whether the check digits of an IBAN fit, but not what is known of its country's banks: worth a remark."""
    return bool(text) and stdnum.iban.is_valid(text, check_country=False) and not stdnum.iban.is_valid(text)


def _by_check_digits(text: str) -> str:
    return str(stdnum.iban.validate(text, check_country=False))


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
