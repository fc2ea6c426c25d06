"""Customers that look like one that is about to be made in the bookkeeping, or that was read in another
administration of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, union_all

from domain import same_customer
from domain.fold import sort_key
from models import Relation
from services.searching import rows_with
from tenancy.database import db

MOST = 5
_LOOKED_AT = 50  # rows that have the word of an address or a postcode
_OF_MANY = 10  # the same, while a page of customers is asked for


@dataclass(frozen=True)
class Lookalike:
    """One of them: who, and by what (a word of `same_customer.WHY`)."""

    id: UUID
    name: str
    city: str
    code: str
    there: bool
    why: str


@dataclass(frozen=True)
class Alike:
    """Who looks like one customer, those in the bookkeeping first, at most five. `sure`: the one of them that it
    certainly is (`same_customer.surely`), when there is exactly one such and that one is in the bookkeeping."""

    found: tuple[Lookalike, ...] = ()
    sure: Lookalike | None = None


def of(relation: Relation) -> Sequence[Lookalike]:
    """Who else looks like this customer and did not vanish, those in the bookkeeping first, at most five."""
    return _of([(relation, relation.id)], _LOOKED_AT)[0].found


def of_typed(typed: same_customer.Customer) -> Sequence[Lookalike]:
    """The same for one that is not kept yet."""
    return _of([(typed, None)], _LOOKED_AT)[0].found


def of_many(relations: Sequence[Relation]) -> Sequence[Alike]:
    """The same for each of these, with what is sure."""
    return _of([(one, one.id) for one in relations], _OF_MANY)


def _of(asked: Sequence[tuple[same_customer.Customer, UUID | None]], most: int) -> Sequence[Alike]:
    """In two questions, whoever is asked for: by an index each for the numbers, and the words that an address and a
    postcode are."""
    ways = [_ways(one) for one, _id in asked]
    every = list(dict.fromkeys(way for some in ways for way in some))
    ids = _ids(every, most)
    wanted = {one for some in ids.values() for one in some}
    query = select(Relation).where(Relation.id.in_(wanted), Relation.vanished_at.is_(None))
    rows = {row.id: row for row in db.session.scalars(query)} if wanted else {}
    found = []
    for (one, itself), mine in zip(asked, ways, strict=True):
        near = {row_id for way in mine for row_id in ids[way]} - {itself}
        # where many have the same word, not all of them were looked at
        all_seen = all(len(ids[way]) < most for way in mine)
        found.append(_alike(one, [rows[row_id] for row_id in near if row_id in rows], all_seen))
    return found


_Way = tuple[str, str]


def _ways(one: same_customer.Customer) -> list[_Way]:
    """By what those are found that may look like a customer: a column or `word`, and its text."""
    found = [(name, value) for name in ("coc_number", "vat_number") if (value := getattr(one, name))]
    words = [same_customer.word_of(one.email)]
    if one.name:  # a street's customers; a name may be that of thousands
        words.append(same_customer.joined(one.postcode))
    return found + [("word", word) for word in words if word]


def _ids(ways: Sequence[_Way], most: int) -> dict[_Way, set[UUID]]:
    """Whom each of these ways finds; at most so many of each."""
    if not ways:
        return {}
    each = [select(literal(n).label("n"), _rows(*way).limit(most).subquery()) for n, way in enumerate(ways)]
    found: dict[_Way, set[UUID]] = {way: set() for way in ways}
    for n, row_id in db.session.execute(union_all(*each)):
        found[ways[n]].add(row_id)
    return found


def _rows(column: str, text: str) -> Select[Any]:
    if column == "word":
        return rows_with(Relation, text)
    joined = same_customer.joined(text)
    return select(Relation.id).where(getattr(Relation, column).in_({text, joined, joined.upper()}))


def _alike(one: same_customer.Customer, near: Sequence[Relation], all_seen: bool) -> Alike:
    found = [
        (_shown(row, why), same_customer.surely(one, row))
        for row in near
        if (why := same_customer.looks_like(one, row))
    ]
    found.sort(key=lambda pair: (not pair[0].there, sort_key(pair[0].name), pair[0].id))
    sure = [shown for shown, surely in found if surely]
    is_sure = all_seen and len(sure) == 1 and sure[0].there
    return Alike(tuple(shown for shown, _surely in found[:MOST]), sure[0] if is_sure else None)


def _shown(row: Relation, why: str) -> Lookalike:
    there = row.remote_id is not None
    return Lookalike(row.id, row.name, row.city, row.code or "", there, same_customer.WHY[why])
