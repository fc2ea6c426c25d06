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
_BACK = "-"

T = TypeVar("T")
U = TypeVar("U")
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


def page_of(
    query: Select[*tuple[Any, ...]], model: Any, keys: Sequence[Key], mark: str = "", down: bool = False
) -> Page[Any]:
    """A page of what `query` gives, sorted by `keys` (never NULL) and then by the id of `model`; `down` turns the whole
    order. The first column is the model or its id. Each row is a row of the result, or what stands in it when that is
    the model alone.

    `mark` is the id of a row, of which the keys are asked: the page begins after it, or with a minus before the id ends
    before it. Anything else begins at the start, and so does a page back that would not be full.
    """
    order = (*keys, model.id)
    back = mark.startswith(_BACK)
    there = _keys_of(model, order, mark.removeprefix(_BACK))
    if there is None:
        back = False
    falling = down != back
    sorted_ = query.order_by(*(key.desc() if falling else key for key in order))
    if there is not None:
        here = tuple_(*order)
        marked = tuple_(*(literal(value, key.type) for key, value in zip(order, there, strict=True)))
        sorted_ = sorted_.where(here < marked if falling else here > marked)
    found = db.session.execute(sorted_.limit(SIZE + 1)).all()
    if back and len(found) < SIZE:
        return page_of(query, model, keys, down=down)
    shown = found[:SIZE][::-1] if back else found[:SIZE]
    more = len(found) > SIZE
    return Page(
        tuple(row[0] if len(row) == 1 else row for row in shown),
        next=_id_of(shown[-1]) if back or more else "",
        previous=f"{_BACK}{_id_of(shown[0])}" if shown and (more if back else there is not None) else "",
    )


def _id_of(row: Any) -> str:
    first = row[0]
    return str(first if isinstance(first, UUID) else first.id)


def _keys_of(model: Any, order: Sequence[Key], row_id: str) -> Sequence[Any] | None:
    try:
        wanted = UUID(row_id)
    except ValueError:
        return None
    return db.session.execute(select(*order).where(model.id == wanted)).one_or_none()
