"""A page of a list by keyset, so that no page is lost or shown twice because rows came in above it (docs/adr/0012)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from tenancy.database import db

SIZE = 50

T = TypeVar("T")
U = TypeVar("U")
Key = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows of a list; `next` asks the following page, or is empty."""

    rows: tuple[T, ...]
    next: str

    def showing(self, rows: Iterable[U]) -> Page[U]:
        """The same page with its rows shown otherwise, one for one."""
        return Page(tuple(rows), self.next)


def page_of(
    query: Select[*tuple[Any, ...]], model: Any, keys: Sequence[Key], after: str = "", down: bool = False
) -> Page[Any]:
    """A page of what `query` gives, sorted by `keys` (never NULL) and then by the id of `model`, its first column;
    `down` turns the whole order. Each row is a row of the result, or what stands in it when that is the model alone.

    `after` is the id of the last row seen, of which the keys are asked; anything else begins at the start.
    """
    order = (*keys, model.id)
    query = query.order_by(*(key.desc() if down else key for key in order))
    last = _keys_of(model, order, after)
    if last is not None:
        here = tuple_(*order)
        there = tuple_(*(literal(value, key.type) for key, value in zip(order, last, strict=True)))
        query = query.where(here < there if down else here > there)
    found = db.session.execute(query.limit(SIZE + 1)).all()
    shown = found[:SIZE]
    following = str(shown[-1][0].id) if len(found) > SIZE else ""
    return Page(tuple(row[0] if len(row) == 1 else row for row in shown), following)


def _keys_of(model: Any, order: Sequence[Key], after: str) -> Sequence[Any] | None:
    try:
        wanted = UUID(after)
    except ValueError:
        return None
    return db.session.execute(select(*order).where(model.id == wanted)).one_or_none()
