"""Free text in lists and choices: rows that have every word of it, by their words in an index (docs/adr/0014)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from domain.finding import PAST, words_typed
from models import SearchWord
from services.paging import AnySelect, Key, Page, Way, first_of, page_of
from tenancy.database import db

HANDFUL, FEW = 100, 1000  # rows: that many are looked up one by one, the few when nothing gives them sorted
SPELLED = 20  # words that begin alike: so many are read side by side


@dataclass(frozen=True)
class Place:
    """Where words are looked for. `key` is the id of a row there, `rows` asks for it. For a word: `ids` asks for the
    rows that have it, in parts that each begin at the word, and `here` is whether a row of `rows` has it, asked of
    what stands in the row and in those joined to it."""

    key: InstrumentedAttribute[UUID]
    rows: Select[UUID]
    ids: Callable[[str], Sequence[Select[UUID]]]
    here: Callable[[str], ColumnElement[bool]]


def begins(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    """Whether a folded column begins with a folded word, by a range that every index can read."""
    return and_(column >= word, column < word + PAST)


def rows_with(model: Any, word: str) -> Select[UUID]:
    """The ids of a table's rows that have a word."""
    return select(SearchWord.id).where(SearchWord.kind == model.__tablename__, begins(SearchWord.word, word))


def has(model: Any, word: str) -> ColumnElement[bool]:
    """Whether the row of `model` in the query has a word. A typed word has letters and digits alone, so no sign of it
    is a wildcard."""
    found: ColumnElement[bool] = model.found_by.like(f"% {word}%")
    return found


@dataclass(frozen=True)
class ByName:
    """A list by name whose rows are found by their own words alone: their model, which is sorted by its `sort_name`."""

    model: Any

    def page(self, query: Select[Any], text: str, mark: str) -> Page[Any]:
        """A page of the rows of `query` that have every word of a text; `mark` as `page_of` takes it."""
        narrowed, ways = self._narrowed(query, text)
        return page_of(narrowed, self.model, self._keys, mark, merged=ways)

    def first(self, query: AnySelect, text: str, limit: int) -> AnySelect:
        """The first rows of `query` by name that have every word of a text."""
        narrowed, ways = self._narrowed(query, text)
        return first_of(narrowed, self.model, self._keys, limit, ways)

    @property
    def _keys(self) -> Sequence[Key]:
        return (self.model.sort_name,)

    def _narrowed(self, query: AnySelect, text: str) -> tuple[AnySelect, Sequence[Way]]:
        """A handful of rows that have a word are looked up and sorted. Of more the index gives them by name, so a page
        is read of each word that begins so; when many words do, few rows are looked up as well, and many the list meets
        soon."""
        words = words_typed(text)
        if not words:
            return (query.where(false()) if text.strip() else query), ()
        rarest, many = _rarest(words, lambda word: [rows_with(self.model, word)])
        for word in dict.fromkeys((rarest, *words)) if many > FEW else (rarest,) if many > HANDFUL else ():
            spelled = self._spelled(word)
            if len(spelled) <= SPELLED:
                others = [has(self.model, other) for other in words if other != word]
                return query.where(*others), [self._way(one) for one in spelled]
        others = [has(self.model, word) for word in words if word != rarest]
        looked_up = self.model.id.in_(rows_with(self.model, rarest))
        return query.where(looked_up if many <= FEW else has(self.model, rarest), *others), ()

    def _spelled(self, word: str) -> Sequence[str]:
        """The words there are that begin so, one step of the index for each; one more than `SPELLED` at most."""
        of_kind = SearchWord.kind == self.model.__tablename__
        first = select(func.min(SearchWord.word).label("word")).where(of_kind, begins(SearchWord.word, word))
        steps = first.cte("steps", recursive=True)
        following = select(func.min(SearchWord.word)).where(
            of_kind, SearchWord.word > steps.c.word, SearchWord.word < word + PAST
        )
        steps = steps.union_all(select(following.scalar_subquery()).where(steps.c.word.is_not(None)))
        found = select(steps.c.word).where(steps.c.word.is_not(None)).limit(SPELLED + 1)
        return db.session.scalars(found).all()

    def _way(self, word: str) -> Way:
        rows = and_(
            SearchWord.kind == self.model.__tablename__, SearchWord.word == word, SearchWord.id == self.model.id
        )
        return Way(rows, (SearchWord.sort, SearchWord.id))


def with_words(query: AnySelect, text: str, place: Place) -> AnySelect:
    """Only the rows that have every word of a text; all rows for an empty text, none for one that has no words.

    When few rows have one of the words, or all of them, those are looked up; else each row of the list is asked as it
    comes. So a rare word costs what it finds, a frequent one what the page shows, and frequent words that seldom meet
    what one of them finds.
    """
    words = words_typed(text)
    if not words:
        return query.where(false()) if text.strip() else query
    rarest, many = _rarest(words, place.ids)
    others = [place.here(word) for word in words if word != rarest]
    having = place.key.in_(union_all(*place.ids(rarest)))
    if many <= FEW:
        return query.where(having, *others)
    if others:
        found = db.session.scalars(place.rows.where(having, *others).limit(FEW + 1)).all()
        if len(found) <= FEW:
            return query.where(place.key.in_(found))
    return query.where(place.here(rarest), *others)


def _rarest(words: Sequence[str], ids: Callable[[str], Sequence[Select[UUID]]]) -> tuple[str, int]:
    """The word that the fewest rows have, and how many; they are counted no further than it takes to see that they are
    not few."""
    counts = []
    for word in words:
        rows = union_all(*ids(word)).limit(FEW + 1).subquery()
        counts.append(select(func.count()).select_from(rows).scalar_subquery())
    found = db.session.execute(select(*counts)).one()
    many, word = min(zip(found, words, strict=True), key=lambda one: one[0])
    return word, many
