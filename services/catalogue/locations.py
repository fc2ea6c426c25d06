"""Work sites (werklocaties) of relations: ours, a sync never touches them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import select

from domain.meanwhile import Opened
from domain.message import Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from models import Location, WorkOrder
from oversight.audit_trail import record
from services import meanwhile
from services.catalogue import relations
from services.transaction import write_transaction
from tenancy.database import db


@dataclass(frozen=True)
class LocationInput:
    """A work site as typed."""

    address: str
    name: str = ""
    postcode: str = ""
    city: str = ""
    notes: str = ""


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
        _fill(place, typed)
        session.add(place)
        session.flush()
        record(session, actor, "location.changed", "relation", relation.id, relation.name, name=_place_name(place))
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
        _fill(place, typed)
        record(session, actor, "location.changed", "relation", relation.id, relation.name, name=_place_name(place))


def remove(actor: Actor, relation_id: UUID, location_id: UUID) -> None:
    """Remove a work site. Raises LookupError, or Refusal when a work order names it."""
    with write_transaction() as session:
        relation = relations.locked(session, relation_id)
        place = _place_of(relation_id, location_id)
        number = session.scalar(select(WorkOrder.number).where(WorkOrder.location_id == place.id).limit(1))
        if number:
            raise Refusal(msg("Werkbon %(number)s gebruikt deze werklocatie. Daarom kan zij niet weg.", number=number))
        record(session, actor, "location.removed", "relation", relation.id, relation.name, name=_place_name(place))
        session.delete(place)


def _place_of(relation_id: UUID, location_id: UUID) -> Location:
    place = get(relation_id, location_id)
    if place is None:
        raise LookupError(location_id)
    return place


def _place_name(place: Location) -> str:
    return place.name or place.address


def _fill(place: Location, typed: LocationInput) -> None:
    for item in fields(typed):
        setattr(place, item.name, getattr(typed, item.name))


def _checked(typed: LocationInput) -> LocationInput:
    typed = replace(typed, **{item.name: bare(getattr(typed, item.name)) for item in fields(typed)})
    if not typed.address:
        raise Refusal(msg("Vul straat en huisnummer in."), "address")
    return typed
