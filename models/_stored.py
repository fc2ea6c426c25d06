"""The column type of what we say ourselves in a row: a note's key and values, or a text as somebody wrote it."""

from __future__ import annotations

from sqlalchemy import Text, TypeDecorator
from sqlalchemy.engine import Dialect

from domain.message import NOTHING, Message
from domain.stored import from_text, to_text


class StoredMessage(TypeDecorator[Message]):
    """A Message in a column of text (domain/stored.py); an empty column is NOTHING.

    A str is refused, for nobody could tell a sentence of ours from what a person typed: `note` or `as_written`.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Message | None, dialect: Dialect) -> str:
        if value is None:
            return ""
        if not isinstance(value, Message):
            raise TypeError("a row holds a Message: note(...) for our words, as_written(...) for theirs")
        return to_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Message:
        return from_text(value) if value else NOTHING
