"""Customers that look like one that is about to be made in the bookkeeping."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain import same_customer
from models import Relation
from services.searching import rows_with
from tenancy.database import db

MOST = 5
_LOOKED_AT = 50  # rows that have the word of an address or a postcode


@dataclass(frozen=True)
class Lookalike:
    """One of them: who, and by what (a word of `same_customer.WHY`)."""

    id: UUID
    name: str
    city: str
    code: str
    there: bool
    why: str


def of(relation: Relation) -> list[Lookalike]:
    """Who else looks like this customer and did not vanish, those in the bookkeeping first, at most five."""
    return _found(relation, relation.id)


def of_typed(typed: same_customer.Customer) -> list[Lookalike]:
    """The same for one that is not kept yet."""
    return _found(typed, None)


def _found(relation: same_customer.Customer, itself: UUID | None) -> list[Lookalike]:
    """Found by an index each: the numbers, and the words that an address and a postcode are."""
    numbers = [
        column.in_({value, same_customer.joined(value), same_customer.joined(value).upper()})
        for column, value in ((Relation.coc_number, relation.coc_number), (Relation.vat_number, relation.vat_number))
        if value
    ]
    ids: set[UUID | None] = set()
    for one in numbers:
        ids.update(db.session.scalars(select(Relation.id).where(one).limit(_LOOKED_AT)))
    email = same_customer.word_of(relation.email)
    if email:
        ids.update(db.session.scalars(rows_with(Relation, email).limit(_LOOKED_AT)))
    postcode = same_customer.joined(relation.postcode)
    if postcode and relation.name:  # a street's customers; a name may be that of thousands
        ids.update(db.session.scalars(rows_with(Relation, postcode).limit(_LOOKED_AT)))
    ids.discard(itself)
    rows = db.session.scalars(select(Relation).where(Relation.id.in_(ids), Relation.vanished_at.is_(None)))
    found = [
        Lookalike(row.id, row.name, row.city, row.code or "", row.remote_id is not None, same_customer.WHY[why])
        for row in rows
        if (why := same_customer.looks_like(relation, row))
    ]
    return sorted(found, key=lambda one: (not one.there, one.name, one.id))[:MOST]
