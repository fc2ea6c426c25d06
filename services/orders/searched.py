"""Orders by what somebody types: their own words, those of their customer, their work site and who has or had a visit
there, the numbers of their invoices and credits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from domain.numbering import stands_at
from models import BY_NUMBER, InvoicePosting, Location, OrderWorker, Relation, SearchWord, Worker, WorkOrder
from services import searching
from services.invoicing import claims
from services.paging import Way
from services.searching import Place, Spread, begins, has, rows_with, spelled_as
from tenancy.database import db

_BESIDE: tuple[tuple[Any, Any], ...] = ((Relation, WorkOrder.relation_id), (Location, WorkOrder.location_id))
_NUMBERS = (InvoicePosting.found_whole, InvoicePosting.found_serial)
_LISTED = (*BY_NUMBER, WorkOrder.id)


def _billed(word: str) -> list[Select[UUID]]:
    return [claims.ever_billed_by(begins(number, word)) for number in _NUMBERS]


def _theirs(word: str) -> Select[UUID]:
    return select(OrderWorker.order_id).where(OrderWorker.worker_id.in_(rows_with(Worker, word)))


def _ids(word: str) -> list[Select[UUID]]:
    beside = [select(WorkOrder.id).where(column.in_(rows_with(model, word))) for model, column in _BESIDE]
    return [rows_with(WorkOrder, word), *beside, _theirs(word), *_billed(word)]


def _counts(word: str) -> list[Select[UUID]]:
    """The same, but when more than a few customers have it, their orders are many as well."""
    found = [rows_with(WorkOrder, word)]
    for model, column in _BESIDE:
        first = rows_with(model, word).limit(searching.FEW)
        found.append(select(WorkOrder.id).where(column.in_(first)))
        found.append(select(rows_with(model, word).limit(searching.FEW + 1).offset(searching.FEW).subquery()))
    return [*found, _theirs(word), *_billed(word)]


def _here(word: str) -> ColumnElement[bool]:
    beside = (_beside(model, column, word) for model, column in _BESIDE)
    return or_(has(WorkOrder, word), *beside, _goes(word), _numbered(word))


def _beside(model: Any, column: Any, word: str) -> ColumnElement[bool]:
    # asked order by order: a join would be read whole before a page is full
    other = aliased(model)
    same = other.tenant_id == WorkOrder.tenant_id, other.id == column
    return select(other.id).where(*same, has(other, word)).exists()


def _goes(word: str) -> ColumnElement[bool]:
    goes = aliased(OrderWorker)
    return select(goes.id).where(goes.order_id == WorkOrder.id, goes.worker_id.in_(rows_with(Worker, word))).exists()


def of_worker(worker_id: UUID | None) -> Way:
    """The orders on which a worker has or had a visit, by number, as an index has them; none for None."""
    theirs = aliased(OrderWorker)
    rows = and_(theirs.order_id == WorkOrder.id, theirs.worker_id == worker_id)
    return Way(rows, (theirs.year, theirs.serial, theirs.order_id))


def _numbered(word: str) -> ColumnElement[bool]:
    return claims.is_ever_billed_by(or_(*(begins(number, word) for number in _NUMBERS)))


def _spread(word: str) -> Spread:
    people = rows_with(Worker, word).distinct()
    asked = [*(rows_with(model, word).distinct() for model, _column in _BESIDE), people, *_billed(word)]
    many = searching.counted(asked)
    beside = list(zip(_BESIDE, many, strict=False))
    going, billed = many[len(_BESIDE)], many[len(_BESIDE) + 1 :]
    numbers = [rows for rows, found in zip(_billed(word), billed, strict=True) if found]
    few_numbers = max(billed) <= searching.FEW
    terms = [has(WorkOrder, word)]
    for (model, column), found in beside:
        if found:
            terms.append(column.in_(rows_with(model, word)) if found <= searching.FEW else _beside(model, column, word))
    terms += [_goes(word)] if going else []
    terms += [WorkOrder.id.in_(rows) for rows in numbers] if few_numbers else [_numbered(word)]
    narrow = few_numbers and all(found <= searching.SPELLED for found in (*many[: len(_BESIDE)], going))
    theirs = db.session.scalars(people).all() if narrow and going else ()
    ways = _ways(word, [of for of, found in beside if found], theirs, numbers) if narrow else None
    return Spread(or_(*terms), ways)


def _ways(
    word: str, beside: Sequence[tuple[Any, Any]], people: Sequence[UUID], numbers: Sequence[Select[UUID]]
) -> Sequence[Way] | None:
    """By number: the orders that have it themselves, spelled in so many ways; those of each customer and site that have
    it, and of each of the people; and the few that have it as their invoice's number."""
    spelled = spelled_as(WorkOrder, word)
    if len(spelled) > searching.SPELLED:
        return None
    ways = [_of_word(one) for one in spelled]
    for model, column in beside:
        ways += [Way(column == key, _LISTED) for key in db.session.scalars(rows_with(model, word).distinct())]
    ways += map(of_worker, people)
    return ways + [Way(WorkOrder.id.in_(rows), _LISTED) for rows in numbers]


def _of_word(word: str) -> Way:
    rows = and_(SearchWord.kind == WorkOrder.__tablename__, SearchWord.word == word, SearchWord.id == WorkOrder.id)
    return Way(rows, (SearchWord.sort, SearchWord.id), lambda listed: (stands_at(listed[0], listed[1]), listed[2]))


FOUND = Place(WorkOrder.id, _ids, _counts, _here, _spread)
