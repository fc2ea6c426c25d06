"""Work sites (werklocaties) of relations: ours, a sync never touches them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import dwelling
from domain.dwelling import Declaration
from domain.meanwhile import Opened
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from models import Location, Relation, WorkOrder
from oversight.audit_trail import record
from services import meanwhile
from services.catalogue import relations
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db

_TEXTS = ("address", "name", "postcode", "city", "notes")


@dataclass(frozen=True)
class LocationInput:
    """A work site as typed. `is_dwelling`: its customer declared that it is a dwelling older than two years, on that
    day and by that name (domain/dwelling.py)."""

    address: str
    name: str = ""
    postcode: str = ""
    city: str = ""
    notes: str = ""
    is_dwelling: bool = False
    dwelling_declared_on: date | None = None
    dwelling_declared_by: str = ""


def get(relation_id: UUID, location_id: UUID) -> Location | None:
    """One work site of this relation, or None."""
    query = select(Location).where(Location.relation_id == relation_id, Location.id == location_id)
    return db.session.scalars(query).one_or_none()


def create(actor: Actor, relation_id: UUID, typed: LocationInput) -> UUID:
    """Add a work site. Raises LookupError, or Refusal with the field that is wrong."""
    typed = _checked(typed)
    with write_transaction() as session:
        relation = relations.locked(session, relation_id)
        place = Location(relation_id=relation.id)
        found = _declared(session, place, typed)
        _fill(place, typed)
        session.add(place)
        session.flush()
        record(session, actor, "location.changed", "relation", relation.id, relation.name, name=place.called)
        _declare(session, actor, relation, place, found)
        return place.id


def stands(place: Location) -> LocationInput:
    """A work site as its form is filled in."""
    return LocationInput(**{item.name: getattr(place, item.name) for item in fields(LocationInput)})


def edit(
    actor: Actor, relation_id: UUID, location_id: UUID, typed: LocationInput, opened: Opened | None = None
) -> None:
    """Change a work site, whose form was opened on `opened`. Raises LookupError, or Refusal with the field that is
    wrong."""
    typed = _checked(typed)
    with write_transaction() as session:
        relation = relations.locked(session, relation_id)
        place = _place_of(relation_id, location_id)
        typed = meanwhile.settle(session, opened, typed, stands(place), relation.id, "location.changed")
        found = _declared(session, place, typed)
        _fill(place, typed)
        record(session, actor, "location.changed", "relation", relation.id, relation.name, name=place.called)
        _declare(session, actor, relation, place, found)


def remove(actor: Actor, relation_id: UUID, location_id: UUID) -> None:
    """Remove a work site. Raises LookupError, or Refusal when a work order names it."""
    with write_transaction() as session:
        relation = relations.locked(session, relation_id)
        place = _place_of(relation_id, location_id)
        number = session.scalar(select(WorkOrder.number).where(WorkOrder.location_id == place.id).limit(1))
        if number:
            raise Refusal(msg("Werkbon %(number)s gebruikt deze werklocatie. Daarom kan zij niet weg.", number=number))
        record(session, actor, "location.removed", "relation", relation.id, relation.name, name=place.called)
        session.delete(place)


def _place_of(relation_id: UUID, location_id: UUID) -> Location:
    place = get(relation_id, location_id)
    if place is None:
        raise LookupError(location_id)
    return place


def _fill(place: Location, typed: LocationInput) -> None:
    for name in _TEXTS:
        setattr(place, name, getattr(typed, name))


def _declared(session: Session, place: Location, typed: LocationInput) -> Declaration | None:
    """What is declared of it from now on. Raises Refusal for a day or a name that is missing, and for one of which it
    is not clear that it is meant."""
    on, by = typed.dwelling_declared_on, typed.dwelling_declared_by
    if typed.is_dwelling:
        return dwelling.check(on, by, today(session))
    if (on, by) not in {(None, ""), (place.dwelling_declared_on, place.dwelling_declared_by or "")}:
        text = N_("Er staat een dag of een naam bij. Zet dit vinkje ook, of maak die velden leeg.")
        raise Refusal(msg(text), "is_dwelling")
    return None


def _declare(session: Session, actor: Actor, relation: Relation, place: Location, found: Declaration | None) -> None:
    """Keep what is declared of it, and tell what changed of that."""
    before = place.declared
    if found == before:
        return
    event, told = "location.dwelling_declared", found
    if found is None:
        event, told = "location.dwelling_withdrawn", before
    assert told is not None
    place.keep_declaration(found)
    data = {"name": place.called, "by": told.by, "day": told.on}
    record(session, actor, event, "relation", relation.id, relation.name, **data)


def _checked(typed: LocationInput) -> LocationInput:
    texts: dict[str, Any] = {name: bare(getattr(typed, name)) for name in (*_TEXTS, "dwelling_declared_by")}
    typed = replace(typed, **texts)
    if not typed.address:
        raise Refusal(msg("Vul straat en huisnummer in."), "address")
    return typed
