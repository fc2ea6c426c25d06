"""Whose lines in the log somebody means who types (a part of) a name.

A log of years holds few names. They are read from the index of names, each by a look-up of the next one, and compared
here; so a name that nobody bears costs as much as there are names, and not as there are lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from domain.finding import MOST_WORDS
from domain.fold import holds
from models import AuditEntry
from tenancy.database import db


def lines_of(typed: str) -> list[ColumnElement[bool]]:
    """Conditions of which a line meets one, and no line two, when each word of `typed` is in the name of who did it or
    in that of whom it was done for."""
    words = typed.split()[:MOST_WORDS]
    people = list(_names(AuditEntry.person_name))
    own = [name for name in people if _missing(name, words) == ()]
    found: list[ColumnElement[bool]] = [AuditEntry.person_name == name for name in own]
    for other in _names(AuditEntry.on_behalf_of):
        left = _missing(other, words)
        if len(left) < len(words):
            by = [name for name in people if name not in own and _missing(name, left) == ()]
            found += [and_(AuditEntry.on_behalf_of == other, AuditEntry.person_name.in_(by))] if by else []
    return found


def _missing(name: str, words: Collection[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not holds(name, word))


def _names(column: InstrumentedAttribute[str]) -> Iterator[str]:
    """Every name in a column but the empty one, in the order of its index."""
    first = select(func.min(column).label("name")).where(column > "").cte("names", recursive=True)
    entry = aliased(AuditEntry)
    there = getattr(entry, column.key)
    following = select(func.min(there)).where(there > first.c.name).scalar_subquery()
    names = first.union_all(select(following).where(first.c.name.is_not(None)))
    yield from db.session.scalars(select(names.c.name).where(names.c.name.is_not(None)))
