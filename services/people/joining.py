"""People who log in: adding somebody to a tenant, and support staff, who belong to none."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import email_address
from domain.message import Refusal, msg
from domain.permissions import ROLE_NAMES, Actor
from models import Membership, Person
from services.people.authentication import issue_link
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db


def add_member(
    actor: Actor, email: str, name: str, role: str, password_hash: str | None = None, is_demo: bool = False
) -> UUID:
    """Add somebody to the actor's tenant, or change the role of one who is in it. Returns the person's id.

    Somebody who is known already keeps name and password; one who never chose a password gets this hash.
    Raises Refusal for an unknown role, and for support staff, who belong to no tenant.
    """
    if role not in ROLE_NAMES:
        raise Refusal(msg("Deze rol bestaat niet."), "role")
    with write_transaction() as session:
        person = _person(session, email, name, password_hash, is_demo)
        if person.is_support:
            raise Refusal(msg("Dit e-mailadres is van onze support; die hoort bij geen enkele klant."), "email")
        membership = session.get(Membership, (actor.tenant_id, person.id))
        if membership is None:
            session.add(Membership(tenant_id=actor.tenant_id, person_id=person.id, role=role))
        else:
            membership.role = role
        return person.id


def add_support(email: str, name: str, password_hash: str | None = None, is_demo: bool = False) -> UUID:
    """Add somebody to the support staff. Returns the person's id. Raises Refusal when the address is a customer's."""
    with write_transaction() as session:
        person = _person(session, email, name, password_hash, is_demo)
        if session.scalar(select(Membership.tenant_id).where(Membership.person_id == person.id).limit(1)) is not None:
            raise Refusal(msg("Dit e-mailadres hoort al bij een klant; support heeft een eigen adres nodig."), "email")
        person.is_support = True
        return person.id


def engage_support(email: str, name: str) -> str:
    """Take somebody on for support. Returns the token of a one-time link (7 days) to choose a password.

    Raises Refusal when the address is a customer's, or of somebody who has a password: that one is never replaced.
    """
    known = db.session.scalar(select(Person.password_hash).where(Person.email == email_address.of_person(email)))
    if known:
        raise Refusal(msg("Dit e-mailadres logt al in; een vergeten wachtwoord gaat via de inlogpagina."), "email")
    person_id = add_support(email, name)
    with write_transaction():
        return issue_link(person_id, "first_login", timedelta(days=7))


def _person(session: Session, email: str, name: str, password_hash: str | None, is_demo: bool) -> Person:
    email = email_address.of_person(email)
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, name=name, created_at=database_now(session), is_demo=is_demo)
        session.add(person)
    if password_hash and not person.password_hash:
        person.password_hash = password_hash
    session.flush()
    return person
