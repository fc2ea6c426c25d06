"""A text for the screen, kept as a Dutch template and its values until the edge says it in the reader's language.

`msg`, `N_` and gettext's own names are what `pybabel extract` looks for, so a text is written out where one of them
is called. docs/architecture.md has the section about words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

VERBATIM = "%(text)s"


@dataclass(frozen=True)
class Message:
    """`text` is a Dutch sentence with %(name)s places; `values` fills them: texts, numbers, days, euros (a Decimal),
    other Messages, or a sequence of those. Rendered by the `say` filter; an empty one says nothing and counts as false.

    `key` is the name under which a row can hold it (domain/notes.py); most messages never stand in a row and have none.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    key: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text % {name: _plain(value) for name, value in self.values.items()} if self.values else self.text


NOTHING = Message("")


def _plain(value: object) -> object:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else value


def msg(text: str, **values: object) -> Message:
    """A Message from a Dutch template and its values."""
    return Message(text, MappingProxyType(values))


def N_(text: str) -> str:
    """Mark a text that is kept as it is and translated where it is shown, by `say`."""
    return text


def on_invoice(text: str) -> str:
    """Mark a text that goes out on the invoice, which is Dutch whoever sends it, and is never translated."""
    return text


def one_after_another(*texts: Message | str) -> Message:
    """Sentences in a row, each translated for itself."""
    names = [f"part{place}" for place in range(len(texts))]
    parts = [text if isinstance(text, Message) else msg(text) for text in texts]
    return Message(" ".join(f"%({name})s" for name in names), MappingProxyType(dict(zip(names, parts, strict=True))))


def as_written(text: str) -> Message:
    """A text that is shown as it stands, in every language: what a person typed, or what the bookkeeping said."""
    return Message(VERBATIM, MappingProxyType({"text": text})) if text else NOTHING


class Refusal(Exception):
    """A rule said no. Carries the message for the screen and, when there is one, the field it belongs to."""

    def __init__(self, message: Message, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field
