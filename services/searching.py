"""Free text in lists and choices: rows that have every word of it, by their words in an index (docs/adr/0014)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from domain.finding import PAST, words_typed
from models import SearchWord
from tenancy.database import db

AnySelect = TypeVar("AnySelect", bound=Select)  # type: ignore[type-arg] # of whatever columns
FEW = 1000  # rows: that many are looked up one by one; of more, the list itself meets the next one soon enough


@dataclass(frozen=True)
class Place:
    """Where words are looked for. `key` is the id of a row there, `rows` asks for it. For a word: `ids` asks for the
    rows that have it, in parts that each begin at the word, and `here` is whether a row of `rows` has it."""

    key: InstrumentedAttribute[UUID]
    rows: Select[UUID]
    ids: Callable[[str], Sequence[Select[UUID]]]
    here: Callable[[str], ColumnElement[bool]]


def begins(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Whether a folded column begins with a folded word, by a range that every index can read."""
    return and_(column >= word, column < word + PAST)


def own_words(model: Any) -> Place:
    """Rows of a table that are found by their own words alone."""
    return Place(
        model.id, select(model.id), lambda word: [rows_with(model, word)], lambda word: has(model, [model.id], word)
    )


def rows_with(model: Any, word: str) -> Select[UUID]:
    """The ids of a table's rows that have a word."""
    return select(SearchWord.owner_id).where(SearchWord.kind == model.__tablename__, begins(SearchWord.word, word))


def has(model: Any, owners: Sequence[InstrumentedAttribute[Any]], word: str) -> ColumnElement[bool]:
    """Whether the row of `model` in the query, or another that one of these columns of it names, has a word."""
    return exists().where(
        SearchWord.tenant_id == model.tenant_id, SearchWord.owner_id.in_(owners), begins(SearchWord.word, word)
    )


def with_words(query: AnySelect, text: str, place: Place) -> AnySelect:
    """Only the rows that have every word of a text; all rows for an empty text, none for one that has no words.

    When few rows have one of the words, or all of them, those are looked up; else each row of the list is asked as it
    comes. So a rare word costs what it finds, a frequent one what the page shows, and frequent words that seldom meet
    what one of them finds.
    """
    words = words_typed(text)
    if not words:
        return query.where(false()) if text.strip() else query
    for word in words:
        found = _few(union_all(*place.ids(word)))
        if found is not None:
            others = (place.here(other) for other in words if other != word)
            return query.where(place.key.in_(found), *others)
    together = tuple(place.here(word) for word in words[1:])
    if together:
        found = _few(place.rows.where(place.key.in_(union_all(*place.ids(words[0]))), *together))
        if found is not None:
            return query.where(place.key.in_(found))
    return query.where(place.here(words[0]), *together)


def _few(ids: Any) -> set[UUID] | None:
    """What a question for ids gives; None when that is more than a few."""
    found = db.session.scalars(ids.limit(FEW + 1)).all()
    return set(found) if len(found) <= FEW else None
