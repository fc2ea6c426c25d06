"""How a Message stands in a row: its key and its values as JSON, never the sentence; a text as written stands as it is.

Rows of before hold sentences. Those, and what people typed, come back word for word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from domain.invoice import DIFFERENCE_NAMES
from domain.limits import FIELD_NAMES
from domain.message import NOTHING, VERBATIM, Message, as_written, msg
from domain.notes import NOTES
from domain.permissions import ROLE_NAMES
from domain.vat import BY_CODE
from domain.work_order import STATE_NAMES

# Words that are told elsewhere too: a key `family.word` is such a word.
FAMILIES: Mapping[str, Mapping[str, str]] = {
    "difference": DIFFERENCE_NAMES,
    "field": FIELD_NAMES,
    "order_state": STATE_NAMES,
    "role": ROLE_NAMES,
    "vat": {code: entry.label for code, entry in BY_CODE.items()},
}
_PLACES = re.compile(r"%\((\w+)\)")


class NoKey(ValueError):
    """A Message without a key cannot stand in a row: its sentence would be kept, in one language for ever."""


def to_value(value: object) -> object:
    """A value as JSON holds it: a Message as {"key", "values"}, a day as {"day"}, euros as {"euro"}, a text as it is.

    Raises NoKey for a Message without a key, and TypeError for what a row cannot hold.
    """
    if isinstance(value, Message):
        if value.text == VERBATIM and not value.key:
            return str(value)
        if value and not value.key:
            raise NoKey(value.text)
        return (
            {"key": value.key, "values": {name: to_value(one) for name, one in value.values.items()}} if value else ""
        )
    if isinstance(value, list | tuple):
        return [to_value(one) for one in value]
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, Decimal):
        return {"euro": str(value)}
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} cannot stand in a row's values")


def from_value(value: object) -> object:
    """What `to_value` gave, back; anything else as it is."""
    if isinstance(value, list):
        return [from_value(one) for one in value]
    if isinstance(value, dict):
        if set(value) == {"key", "values"} and isinstance(value["key"], str) and isinstance(value["values"], dict):
            return _known(value["key"], value["values"])
        if set(value) == {"euro"} and isinstance(value["euro"], str):
            return Decimal(value["euro"])
        if set(value) == {"day"} and isinstance(value["day"], str):
            return date.fromisoformat(value["day"])
    return value


def to_text(message: Message) -> str:
    """A Message as a column of text holds it. Raises NoKey."""
    value = to_value(message)
    if isinstance(value, str) and not isinstance(_parsed(value), Message):
        return value
    # a person may type what looks like a note of ours: kept as a value it is never taken for one
    if isinstance(value, str):
        value = {"key": "", "values": {"text": value}}
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> Message:
    """The Message of a column's text; what is no note of ours is shown as it was written."""
    return _parsed(text) or as_written(text)


def _parsed(text: str) -> Message | None:
    if not text.startswith('{"key":'):
        return None
    try:
        found = from_value(json.loads(text))
    except ValueError:
        return None
    return found if isinstance(found, Message) else None


def _known(key: str, stored: Mapping[str, object]) -> Message:
    """A note by its key; one of a release that we are not, or with values that we do not know, still says something."""
    if not key:
        return as_written(str(stored.get("text", "")))
    values = {name: from_value(value) for name, value in stored.items()}
    family, _dot, word = key.partition(".")
    text = NOTES[key].text if key in NOTES else FAMILIES.get(family, {}).get(word, "")
    if not text:
        return msg("een melding van een andere versie van Crafter (%(key)s)", key=key)
    missing = dict.fromkeys(_PLACES.findall(text), "?")
    return Message(text, MappingProxyType({**missing, **values}), key)


__all__ = ["FAMILIES", "NOTHING", "NoKey", "from_text", "from_value", "to_text", "to_value"]
