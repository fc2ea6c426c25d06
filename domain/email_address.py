"""What is an e-mail address: one rule for people who log in, for letters, and for addresses on paper.

Only the spelling is looked at; whether somebody reads it only a letter can tell. Names reserved for examples and tests
(.example, .test) are addresses too: the demo and the tests live there, and a letter to one goes nowhere.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from domain.message import Refusal, msg

LONGEST = 150
_SEVERAL = re.compile(r"@[^@\s]+[;,\s]+[^@\s]+@")  # an address, and the beginning of another


def contact(text: str) -> str:
    """An address on paper, of a customer or a company: as typed, without blanks around it; an empty one stays empty.
    Raises Refusal."""
    text = text.strip()
    if text:
        _taken_apart(text, "email")
    return text


def of_person(text: str, field: str = "email") -> str:
    """The address by which somebody is known here, logs in and gets letters, in its one spelling: lower case, the
    domain in its own letters (also when typed as xn--…). Raises Refusal with the field.

    Before the @ stand plain letters, digits and signs only: few mail servers take more, and a letter to others would
    come back.
    """
    text = text.strip()
    found = _taken_apart(text, field)
    if not found.local_part.isascii():
        raise Refusal(msg("Voor de @ kunnen hier alleen letters zonder accent, cijfers en leestekens staan."), field)
    if len(found.normalized) > LONGEST:
        raise Refusal(msg("Gebruik hoogstens %(max)d tekens.", max=LONGEST), field)
    return found.normalized.lower()


def as_known(text: str) -> str:
    """What somebody typed to be recognised by: the spelling of `of_person`; what is no address only loses its blanks
    and capitals, so that nobody is known by it. Raises nothing."""
    try:
        return of_person(text)
    except Refusal:
        return text.strip().lower()


def reads_as_one(text: str) -> bool:
    """Whether a text looks like an address rather than a name; on a page it may be broken anywhere."""
    return "@" in text


def on_envelope(text: str) -> str:
    """The address as mail servers write it: the domain in ASCII. Raises ValueError for what cannot be one.

    One that an older rule let through goes as it is: the server at the other side decides.
    """
    text = text.strip()
    try:
        return _taken_apart(text, "email").ascii_email or text
    except Refusal:
        if "@" not in text or any(character.isspace() or ord(character) < 32 for character in text):
            raise ValueError("this is no mail address") from None
        return text


def _taken_apart(text: str, field: str) -> ValidatedEmail:
    try:
        return validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        if _SEVERAL.search(text):
            raise Refusal(msg("Hier past één e-mailadres, zonder andere erachter of ervoor."), field) from None
        raise Refusal(msg("Dit e-mailadres is niet af. Het ziet eruit als naam@bedrijf.nl."), field) from None
