"""A page of a list by keyset, so that no page is lost or shown twice because rows came in above it (docs/adr/0012)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, literal, select, tuple_, union, union_all
from sqlalchemy.orm import InstrumentedAttribute

from tenancy.database import db

SIZE = 50
NEAR = 1500  # rows of a list that are asked one by one before others are looked up
_BACK = "-"

T = TypeVar("T")
U = TypeVar("U")
AnySelect = TypeVar("AnySelect", bound=Select)  # type: ignore[type-arg] # of whatever columns
Key = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of a list, and the marks that ask the pages beside it; empty: there is none on that side."""

    rows: tuple[T, ...]
    next: str
    previous: str = ""

    def showing(self, rows: Iterable[U]) -> Page[U]:
        """The same page with its rows shown otherwise, one for one."""
        return Page(tuple(rows), self.next, self.previous)


@dataclass(frozen=True)
class Way:
    """Some rows of a list that an index gives sorted: which, and by what columns of that index, the row's id as the
    last. Without `keys` those of the list itself; then no row comes by another way as well. `place` turns what a row of
    the list has in those into what it has in `keys`, when that is not the same."""

    rows: ColumnElement[bool]
    keys: Sequence[Key] = ()
    place: Callable[[Sequence[Any]], Sequence[Any]] | None = None


@dataclass(frozen=True)
class Sought:
    """Rows that mostly come soon in a list and that no index gives in its order: the first rows there are asked one by
    one (`here`), and only when those are no page all are looked up and sorted (`among`)."""

    here: ColumnElement[bool]
    among: ColumnElement[bool]


@dataclass(frozen=True)
class Part:
    """A stretch of a list with an order of its own: `keys` (never NULL in it), and which rows it holds.

    `merged` are ways that together give all its rows, in an order that no index gives them all in. Then a page is read
    of each, and the first of these rows are the page. `sought`: which of its rows are wanted, when they are sought so.
    """

    keys: Sequence[Key]
    rows: tuple[ColumnElement[bool], ...] = ()
    merged: Sequence[Way] = ()
    sought: Sought | None = None


def page_of(
    query: Select[*tuple[Any, ...]],
    model: Any,
    keys: Sequence[Key],
    mark: str = "",
    down: bool = False,
    merged: Sequence[Way] = (),
) -> Page[Any]:
    """A page of what `query` gives, sorted by `keys` (never NULL) and then by the id of `model`; `down` turns the whole
    order. The first column is the model or its id. Each row is a row of the result, or what stands in it when that is
    the model alone.

    `mark` is the id of a row, of which the keys are asked: the page begins after it, or with a minus before the id ends
    before it. Anything else begins at the start, and so do a page back that would not be full and one on with no rows.
    `merged`: as in a part.
    """
    return page_of_parts(query, model, (Part(keys, merged=merged),), mark, down)


def page_of_parts(
    query: Select[*tuple[Any, ...]],
    model: Any,
    parts: Sequence[Part],
    mark: str = "",
    down: bool = False,
    lean: Select[*tuple[Any, ...]] | None = None,
) -> Page[Any]:
    """A page as `page_of` gives it, of a list whose parts stand one after the other; `down` turns the order within
    each. `lean` asks for the same rows without what is joined only to be shown."""
    lean = query if lean is None else lean
    there = _place_of(model, parts, mark.removeprefix(_BACK))
    back = there is not None and mark.startswith(_BACK)
    falling = down != back
    first, marked = there or (0, None)
    found: list[Any] = []
    for part in parts[first::-1] if back else parts[first:]:
        both, limit = (query.where(*part.rows), lean.where(*part.rows)), SIZE + 1 - len(found)
        found += _rows(*both, model, part, marked, falling, limit)
        marked = None
        if len(found) > SIZE:
            break
    if (back and len(found) < SIZE) or (there is not None and not found):
        return page_of_parts(query, model, parts, down=down, lean=lean)
    shown = found[:SIZE][::-1] if back else found[:SIZE]
    more = len(found) > SIZE
    return Page(
        tuple(row[0] if len(row) == 1 else row for row in shown),
        next=_id_of(shown[-1]) if back or more else "",
        previous=f"{_BACK}{_id_of(shown[0])}" if shown and (more if back else there is not None) else "",
    )


def all_of(query: AnySelect, model: Any, part: Part, down: bool, at_once: int) -> Iterator[Sequence[Row[Any]]]:
    """All of a list of one part, so many rows at a time. Among what `query` asks are the columns of the part's keys and
    the id of `model`, by their own names."""
    query, marked = query.where(*part.rows), None
    while found := db.session.execute(_stretch(query, query, model, part, marked, down, at_once)).all():
        yield found
        marked = [getattr(found[-1], key.key) for key in (*part.keys, model.id)]


def _rows(
    query: Select[Any], lean: Select[Any], model: Any, part: Part, marked: Sequence[Any] | None, down: bool, limit: int
) -> Sequence[Row[Any]]:
    """So many rows of a part, from behind the row with these keys on."""
    if part.sought:
        border = _border(lean, part.keys, marked, down)
        near = query.where(part.sought.here, *border)
        found = db.session.execute(_stretch(near, lean, model, part, marked, down, limit)).all()
        if len(found) == limit or not border:
            return found
        part = replace(part, merged=[Way(part.sought.among)])
    return db.session.execute(_stretch(query, lean, model, part, marked, down, limit)).all()


def _border(
    lean: Select[Any], order: Sequence[Key], marked: Sequence[Any] | None, down: bool
) -> Sequence[ColumnElement[bool]]:
    """That a row is among the first `NEAR` from there on, by what an index has; nothing when there are no more."""
    asked = _after(lean.with_only_columns(*order), order, marked and marked[:-1], down)
    last = db.session.execute(asked.order_by(*_sorted(order, down)).offset(NEAR - 1).limit(1)).one_or_none()
    if last is None:
        return ()
    here, there = _compared(order, last)
    return (here >= there if down else here <= there,)


def _stretch(
    query: AnySelect,
    lean: Select[Any],
    model: Any,
    part: Part,
    marked: Sequence[Any] | None,
    down: bool,
    limit: int,
) -> AnySelect:
    """So many rows of a part, from behind the row with these keys on."""
    order = (*part.keys, model.id)
    if part.merged:
        query = query.where(model.id.in_(_first_of(lean, order, part.merged, marked, down, limit)))
    else:
        query = _after(query, order, marked, down)
    return query.order_by(*_sorted(order, down)).limit(limit)


def _id_of(row: Any) -> str:
    first = row[0]
    return str(first if isinstance(first, UUID) else first.id)


def _sorted(order: Iterable[Any], down: bool) -> list[Any]:
    return [key.desc() if down else key for key in order]


def first_of(query: AnySelect, model: Any, keys: Sequence[Key], limit: int, merged: Sequence[Way] = ()) -> AnySelect:
    """The first `limit` rows of what `query` gives, sorted as `page_of` sorts them."""
    order = (*keys, model.id)
    if merged:
        query = query.where(model.id.in_(_first_of(query, order, merged, None, False, limit)))
    return query.order_by(*order).limit(limit)


def _first_of(
    query: Select[*tuple[Any, ...]],
    order: Sequence[Key],
    ways: Sequence[Way],
    marked: Sequence[Any] | None,
    down: bool,
    limit: int,
) -> Select[Any]:
    """The ids of the first rows that all these ways give together."""
    firsts = []
    for way in ways:
        keys = way.keys or order
        shown = order if way.place else keys
        asked = query.with_only_columns(*(key.label(f"key_{n}") for n, key in enumerate(shown))).where(way.rows)
        begin = way.place(marked) if way.place and marked is not None else marked
        asked = _after(asked, keys, begin, down).order_by(*_sorted(keys, down)).limit(limit)
        firsts.append(select(asked.subquery()))
    together = (union if any(way.keys for way in ways) else union_all)(*firsts).subquery()
    return select(list(together.c)[-1]).order_by(*_sorted(together.c, down)).limit(limit)


def _after(query: AnySelect, order: Sequence[Key], marked: Sequence[Any] | None, down: bool) -> AnySelect:
    """What comes behind the row with these keys; all of it when there is none."""
    if marked is None:
        return query
    here, last = _compared(order, marked)
    return query.where(here < last if down else here > last)


def _compared(order: Sequence[Key], marked: Sequence[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What a row stands at, and the row with these keys."""
    there = tuple_(*(literal(value, key.type) for key, value in zip(order, marked, strict=True)))
    return tuple_(*order), there


def _place_of(model: Any, parts: Sequence[Part], row_id: str) -> tuple[int, Sequence[Any] | None] | None:
    """In which part a row stands, and its keys there; None when there is no such row."""
    try:
        wanted = UUID(row_id)
    except ValueError:
        return None
    for number, part in enumerate(parts):
        keys = db.session.execute(select(*part.keys, model.id).where(model.id == wanted, *part.rows)).one_or_none()
        if keys is not None:
            return number, keys
    return None
