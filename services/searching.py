"""Free text in lists and choices: rows that have every word of it, by their words in an index (docs/adr/0014)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from domain.finding import PAST, words_typed
from models import SearchWord
from services.paging import AnySelect, Key, Page, Part, Sought, Way, first_of, page_of
from tenancy.database import db

HANDFUL, FEW = 100, 1000  # rows: that many are looked up one by one, the few when nothing gives them sorted
TRIED = 2  # frequent words of which it is looked where they stand, for each costs three statements
SPELLED = 20  # words that begin alike, or rows that have a word: so many are read side by side


@dataclass(frozen=True)
class Spread:
    """Where a frequent word stands. `here`: whether a row has it, asked row by row at the least cost; `ways`: what
    gives the rows that have it in the order of the list, None when those are too many."""

    here: ColumnElement[bool]
    ways: Sequence[Way] | None


@dataclass(frozen=True)
class Place:
    """Where words are looked for. `key` is the id of a row there. For a word: `ids` asks for the rows that have it, in
    parts that each begin at the word; `counts` for so many as it takes to see that they are not few; `here` is whether
    a row has it, asked of what stands in the row and beside it; `spread` looks where it stands."""

    key: InstrumentedAttribute[UUID]
    ids: Callable[[str], Sequence[Select[UUID]]]
    counts: Callable[[str], Sequence[Select[UUID]]]
    here: Callable[[str], ColumnElement[bool]]
    spread: Callable[[str], Spread]


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


def spelled_as(model: Any, word: str) -> Sequence[str]:
    """The words of a table that begin so, one step of the index for each; one more than `SPELLED` at most."""
    of_kind = SearchWord.kind == model.__tablename__
    first = select(func.min(SearchWord.word).label("word")).where(of_kind, begins(SearchWord.word, word))
    steps = first.cte("steps", recursive=True)
    following = select(func.min(SearchWord.word)).where(
        of_kind, SearchWord.word > steps.c.word, SearchWord.word < word + PAST
    )
    steps = steps.union_all(select(following.scalar_subquery()).where(steps.c.word.is_not(None)))
    found = select(steps.c.word).where(steps.c.word.is_not(None)).limit(SPELLED + 1)
    return db.session.scalars(found).all()


@dataclass(frozen=True)
class ByName:
    """A list by name whose rows are found by their own words alone: their model, which is sorted by its `sort_name`."""

    model: Any

    def page(self, query: Select[Any], text: str, mark: str) -> Page[Any]:
        """A page of the rows of `query` that have every word of a text; `mark` as `page_of` takes it."""
        narrowed, ways = self._narrowed(query, text)
        return page_of(narrowed, self.model, self._keys, mark, merged=ways)

    def first(self, query: AnySelect, text: str, limit: int, few: bool = False) -> AnySelect:
        """The first rows of `query` by name that have every word of a text; `few`: that it has few rows, whatever the
        words are, so that each of those is asked."""
        narrowed, ways = self._narrowed(query, text, few)
        return first_of(narrowed, self.model, self._keys, limit, ways)

    @property
    def _keys(self) -> Sequence[Key]:
        return (self.model.sort_name,)

    def _narrowed(self, query: AnySelect, text: str, few: bool = False) -> tuple[AnySelect, Sequence[Way]]:
        """A handful of rows that have a word are looked up and sorted. Of more the index gives them by name, so a page
        is read of each word that begins so; when many words do, few rows are looked up as well, and many the list meets
        soon."""
        words = words_typed(text)
        if not words:
            return (query.where(false()) if text.strip() else query), ()
        if few:
            return query.where(*[has(self.model, word) for word in words]), ()
        rarest, many = _rarest(words, lambda word: rows_with(self.model, word))
        for word in dict.fromkeys((rarest, *words)) if many > FEW else (rarest,) if many > HANDFUL else ():
            spelled = spelled_as(self.model, word)
            if len(spelled) <= SPELLED:
                others = [has(self.model, other) for other in words if other != word]
                return query.where(*others), [self._way(one) for one in spelled]
        others = [has(self.model, word) for word in words if word != rarest]
        looked_up = self.model.id.in_(rows_with(self.model, rarest))
        return query.where(looked_up if many <= FEW else has(self.model, rarest), *others), ()

    def _way(self, word: str) -> Way:
        rows = and_(
            SearchWord.kind == self.model.__tablename__, SearchWord.word == word, SearchWord.id == self.model.id
        )
        return Way(rows, (SearchWord.sort, SearchWord.id))


def with_words(
    parts: Sequence[Part], text: str, place: Place, few: bool, in_order: bool
) -> tuple[Sequence[ColumnElement[bool]], Sequence[Part]]:
    """What narrows a list to the rows that have every word of a text, and its parts with how those are read; nothing
    for an empty text, and no rows for one that has no words. `few`: that the list has few rows, whatever the words are;
    `in_order`: that it is sorted as `place` is.

    The rows of a list that is short are asked one by one. When few rows have one of the words those are looked up. Of a
    frequent one they are read in the order of the list when an index has them so, else sought.
    """
    words = words_typed(text)
    if not words:
        return ([false()] if text.strip() else []), parts
    if few:
        return [place.here(word) for word in words], parts
    rarest, many = _rarest(words, lambda word: union_all(*place.counts(word)))
    others = [place.here(word) for word in words if word != rarest]
    looked_up = place.key.in_(union_all(*place.ids(rarest)))
    if many <= FEW:
        return others, [replace(part, merged=[Way(looked_up)]) for part in parts]
    spread = place.spread(rarest)
    for word in (rarest, *(word for word in words if word != rarest))[:TRIED] if in_order else ():
        ways = (spread if word == rarest else place.spread(word)).ways
        if ways is not None:
            others = [place.here(other) for other in words if other != word]
            return others, [replace(part, merged=ways) for part in parts]
    sought = Sought(and_(spread.here, *others), and_(looked_up, *others))
    return [], [replace(part, sought=sought) for part in parts]


def counted(asked: Sequence[Any]) -> Sequence[int]:
    """How many rows each of these gives, counted no further than it takes to see that they are not few."""
    counts = [select(func.count()).select_from(rows.limit(FEW + 1).subquery()).scalar_subquery() for rows in asked]
    return db.session.execute(select(*counts)).one()


def _rarest(words: Sequence[str], ids: Callable[[str], Any]) -> tuple[str, int]:
    """The word that the fewest rows have, and how many."""
    many, word = min(zip(counted([ids(word) for word in words]), words, strict=True), key=lambda one: one[0])
    return word, many


def is_few(rows: Select[Any]) -> bool:
    """Whether these are few rows."""
    return counted([rows])[0] <= FEW
