"""A column as domain/fold.py reads a text, inside a query: for tables that keep no words beside their rows. Each row
that is asked is read for it, so what is large and searched often keeps words (models/search.py) instead."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import ColumnElement, Function, String, event, func
from sqlalchemy.engine import Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from domain.fold import INSIDE, LETTERS, QUOTES, WITHIN, fold

_LETTERS = {chr(sign): str(plain) for sign, plain in LETTERS.items()} | {"ß": "ss"}
# A database made for the C locale knows no small letter of these, and the others come apart into a letter and a mark.
_LETTERS |= {sign.upper(): plain for sign, plain in _LETTERS.items() if len(sign.upper()) == 1 and sign != "ı"}
_QUOTES = {chr(sign): str(plain) for sign, plain in QUOTES.items()}
# Marks that are combined with a letter, and what cannot be seen, as a PostgreSQL pattern.
_UNSEEN = (
    r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


class Folded(GenericFunction[str]):
    """`fold` of a text."""

    type = String()
    inherit_cache = True
    name = "folded"


def contains_folded(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Whether a column has a text in it, both folded; points and apostrophes are no matter."""
    found: Function[str] = Folded(column)
    for sign in WITHIN:
        found = func.replace(found, sign, "")
    return found.contains(INSIDE.sub("", fold(text)), autoescape=True)


@compiles(Folded, "postgresql")
def _on_postgresql(element: Folded, compiler: SQLCompiler, **kwargs: Any) -> str:
    text = _translated(compiler.process(element.clauses, **kwargs), _QUOTES)
    text = f"lower(regexp_replace(normalize({text}, NFKD), '{_UNSEEN}', '', 'g'))"
    text = _translated(text, {sign: plain for sign, plain in _LETTERS.items() if len(plain) == 1})
    for sign, plain in _LETTERS.items():
        if len(plain) > 1:
            text = f"replace({text}, '{sign}', '{plain}')"
    return text


def _translated(text: str, signs: dict[str, str]) -> str:
    plain = "".join(signs.values()).replace("'", "''")
    return f"translate({text}, '{''.join(signs).replace(chr(39), chr(39) * 2)}', '{plain}')"


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("folded", 1, fold, deterministic=True)
