"""A text for the screen, kept as a Dutch template and its values until a template translates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Message:
    """`text` is a Dutch sentence with %(name)s places; `values` fills them. Rendered by the `say` filter."""

    text: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.text % dict(self.values) if self.values else self.text


def msg(text: str, **values: object) -> Message:
    """A Message from a Dutch template and its values."""
    return Message(text, MappingProxyType(values))


class Refusal(Exception):
    """A rule said no. Carries the message for the screen and, when there is one, the field it belongs to."""

    def __init__(self, message: Message, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field
