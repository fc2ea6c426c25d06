"""Orders by what somebody types: their own words, those of their customer and work site, their invoice's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from domain.numbering import stands_at
from models import BY_NUMBER, InvoicePosting, Location, Relation, SearchWord, WorkOrder
from services import searching
from services.invoicing import claims
from services.paging import Way
from services.searching import Place, Spread, begins, has, rows_with, spelled_as
from tenancy.database import db

_BESIDE: tuple[tuple[Any, Any], ...] = ((Relation, WorkOrder.relation_id), (Location, WorkOrder.location_id))
_NUMBERS = (InvoicePosting.found_whole, InvoicePosting.found_serial)
_LISTED = (*BY_NUMBER, WorkOrder.id)


def _billed(word: str) -> list[Select[UUID]]:
    return [claims.billed_by(begins(number, word)) for number in _NUMBERS]


def _ids(word: str) -> list[Select[UUID]]:
    beside = [select(WorkOrder.id).where(column.in_(rows_with(model, word))) for model, column in _BESIDE]
    return [rows_with(WorkOrder, word), *beside, *_billed(word)]


def _counts(word: str) -> list[Select[UUID]]:
    """The same, but when more than a few customers have it, their orders are many as well."""
    found = [rows_with(WorkOrder, word)]
    for model, column in _BESIDE:
        first = rows_with(model, word).limit(searching.FEW)
        found.append(select(WorkOrder.id).where(column.in_(first)))
        found.append(select(rows_with(model, word).limit(searching.FEW + 1).offset(searching.FEW).subquery()))
    return found + _billed(word)


def _here(word: str) -> ColumnElement[bool]:
    return or_(has(WorkOrder, word), *(_beside(model, column, word) for model, column in _BESIDE), _numbered(word))


def _beside(model: Any, column: Any, word: str) -> ColumnElement[bool]:
    # asked order by order: a join would be read whole before a page is full
    other = aliased(model)
    same = other.tenant_id == WorkOrder.tenant_id, other.id == column
    return select(other.id).where(*same, has(other, word)).exists()


def _numbered(word: str) -> ColumnElement[bool]:
    return claims.is_billed_by(or_(*(begins(number, word) for number in _NUMBERS)))


def _spread(word: str) -> Spread:
    asked = [*(rows_with(model, word).distinct() for model, _column in _BESIDE), *_billed(word)]
    many = searching.counted(asked)
    beside = list(zip(_BESIDE, many, strict=False))
    numbers = [rows for rows, found in zip(_billed(word), many[len(_BESIDE) :], strict=True) if found]
    few_numbers = max(many[len(_BESIDE) :]) <= searching.FEW
    terms = [has(WorkOrder, word)]
    for (model, column), found in beside:
        if found:
            terms.append(column.in_(rows_with(model, word)) if found <= searching.FEW else _beside(model, column, word))
    terms += [WorkOrder.id.in_(rows) for rows in numbers] if few_numbers else [_numbered(word)]
    narrow = few_numbers and all(found <= searching.SPELLED for _of, found in beside)
    ways = _ways(word, [of for of, found in beside if found], numbers) if narrow else None
    return Spread(or_(*terms), ways)


def _ways(word: str, beside: Sequence[tuple[Any, Any]], numbers: Sequence[Select[UUID]]) -> Sequence[Way] | None:
    """By number: the orders that have it themselves, spelled in so many ways; those of each customer and site that have
    it; and the few that have it as their invoice's number."""
    spelled = spelled_as(WorkOrder, word)
    if len(spelled) > searching.SPELLED:
        return None
    ways = [_of_word(one) for one in spelled]
    for model, column in beside:
        ways += [Way(column == key, _LISTED) for key in db.session.scalars(rows_with(model, word).distinct())]
    return ways + [Way(WorkOrder.id.in_(rows), _LISTED) for rows in numbers]


def _of_word(word: str) -> Way:
    rows = and_(SearchWord.kind == WorkOrder.__tablename__, SearchWord.word == word, SearchWord.id == WorkOrder.id)
    return Way(rows, (SearchWord.sort, SearchWord.id), lambda listed: (stands_at(listed[0], listed[1]), listed[2]))


FOUND = Place(WorkOrder.id, _ids, _counts, _here, _spread)
