"""The team: who belongs to a tenant and as what; changing a role and removing somebody. The last owner stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain.meanwhile import Opened
from domain.message import Refusal, msg
from domain.permissions import GRANTED, OWNER, ROLE_NAMES, Actor, role_note
from models import Membership, Person, Tenant, Worker
from oversight.audit_trail import record
from services import meanwhile
from services.people import invitations, login_sessions
from services.transaction import write_transaction
from tenancy.database import db


@dataclass(frozen=True)
class Member:
    """Somebody of the tenant."""

    person_id: UUID
    name: str
    email: str
    role: str
    second_factor: bool


def members(actor: Actor) -> list[Member]:
    """Everybody of the actor's tenant, by name."""
    return [_as_values(*row) for row in db.session.execute(_query(actor).order_by(Person.sort_name, Person.id))]


def member(actor: Actor, person_id: UUID) -> Member:
    """One of them. Raises LookupError."""
    row = db.session.execute(_query(actor).where(Person.id == person_id)).one_or_none()
    if row is None:
        raise LookupError(person_id)
    return _as_values(*row)


def change_role(actor: Actor, person_id: UUID, role: str, opened: Opened | None = None) -> bool:
    """Give somebody another role, on a form that was opened on `opened`. False when they have it already. Raises
    LookupError, or Refusal on "role" when it does not exist or this is the last owner."""
    if role not in ROLE_NAMES:
        raise Refusal(msg("Kies een rol uit de lijst."), "role")
    with write_transaction() as session:
        membership, person = _locked(session, actor, person_id)
        before = membership.role
        typed, now = {"role": role}, {"role": before}
        role = meanwhile.settle(session, opened, typed, now, person.id, "team.role_changed")["role"]
        if before == role:
            return False
        if before == OWNER:
            _not_the_last_owner(session, actor, "role")
        membership.role = role
        names = {"from_role": role_note(before), "to_role": role_note(role)}
        record(session, actor, "team.role_changed", "team", person.id, person.email, **names)
        if "team:write" not in GRANTED[role]:
            invitations.end_of(session, actor, person.id)
        return True


def remove(actor: Actor, person_id: UUID) -> str:
    """Take somebody out of the tenant; every session of theirs ends with it, and every invitation they sent. Returns
    the name. Raises LookupError, or Refusal when this is the last owner."""
    with write_transaction() as session:
        membership, person = _locked(session, actor, person_id)
        if membership.role == OWNER:
            _not_the_last_owner(session, actor)
        session.delete(membership)
        for worker in session.scalars(select(Worker).where(Worker.person_id == person.id)):
            worker.person_id = None  # the work they did stays theirs, the login does not
        login_sessions.end_all_within(session, person.id)
        record(session, actor, "team.removed", "team", person.id, person.email)
        invitations.end_of(session, actor, person.id)
        return person.name


def ask_factor_of_all(actor: Actor, wanted: bool) -> bool:
    """Ask a second factor of everybody of the actor's tenant, or no longer; who has none sets one up before anything
    else. False when it was so already."""
    with write_transaction() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.id == actor.tenant_id).with_for_update()).one()
        if tenant.factor_for_all == wanted:
            return False
        tenant.factor_for_all = wanted
        record(session, actor, "team.factor_asked" if wanted else "team.factor_not_asked")
        return True


def _query(actor: Actor) -> Select[UUID, str, str, str, datetime | None]:
    return (
        select(Person.id, Person.name, Person.email, Membership.role, Person.totp_since)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.tenant_id == actor.tenant_id)
    )


def _as_values(person_id: UUID, name: str, email: str, role: str, totp_since: object) -> Member:
    return Member(person_id, name, email, role, totp_since is not None)


def _locked(session: Session, actor: Actor, person_id: UUID) -> tuple[Membership, Person]:
    # The whole team is locked, in one order: two owners who remove each other at the same moment then come one after
    # the other, and the second finds that a last owner is left.
    team = select(Membership).where(Membership.tenant_id == actor.tenant_id).order_by(Membership.person_id)
    found = session.scalars(team.with_for_update()).all()
    membership = next((one for one in found if one.person_id == person_id), None)
    person = session.get(Person, person_id) if membership is not None else None
    if membership is None or person is None:
        raise LookupError(person_id)
    return membership, person


def _not_the_last_owner(session: Session, actor: Actor, field: str | None = None) -> None:
    owners = select(Membership).where(Membership.tenant_id == actor.tenant_id, Membership.role == OWNER)
    if len(session.scalars(owners).all()) < 2:
        raise Refusal(msg("Dit is de laatste eigenaar. Maak eerst iemand anders eigenaar."), field)
