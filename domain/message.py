"""A text for the screen, kept as a Dutch template and its values until the edge says it in the reader's language.

`msg`, `N_` and gettext's own names are what `pybabel extract` looks for, so a text is written out where one of them
is called. docs/architecture.md has the section about words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Message:
    """`text` is a Dutch sentence with %(name)s places; `values` fills them, and may hold Messages of their own.
    Rendered by the `say` filter; str() is the Dutch."""

    text: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.text % dict(self.values) if self.values else self.text


def msg(text: str, **values: object) -> Message:
    """A Message from a Dutch template and its values."""
    return Message(text, MappingProxyType(values))


def N_(text: str) -> str:
    """Mark a text that is kept as it is and translated where it is shown, by `say`."""
    return text


def one_after_another(*texts: Message | str) -> Message:
    """Sentences in a row, each translated for itself."""
    names = [f"part{place}" for place in range(len(texts))]
    parts = [text if isinstance(text, Message) else msg(text) for text in texts]
    return Message(" ".join(f"%({name})s" for name in names), MappingProxyType(dict(zip(names, parts, strict=True))))


class Refusal(Exception):
    """A rule said no. Carries the message for the screen and, when there is one, the field it belongs to."""

    def __init__(self, message: Message, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field
