"""Logging in and confirming who one is: password, throttled failures, one-time links, and where somebody belongs."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from domain import email_address, moments
from domain.languages import DUTCH
from domain.message import Refusal, msg
from domain.permissions import OWNER
from models import Membership, Person, Tenant, Token
from services.people import passwords, throttle, told
from services.people.passwords import MIN_LENGTH, hash_password
from services.purging import purge
from services.transaction import stop_reading, write_transaction
from tenancy.database import db

__all__ = ["MIN_LENGTH", "hash_password"]
FIRST = "first_login"
logger = logging.getLogger("crafter.login")


@dataclass(frozen=True)
class Belonging:
    """One tenant a person belongs to; `factor_for_all`: it asks a second factor of everybody in it."""

    tenant_id: int
    slug: str
    name: str
    role: str
    factor_for_all: bool = False


@dataclass(frozen=True)
class SignedIn:
    """A person as plain values, for one request. `is_owner` means of any tenant; `belongings` are by name, without
    suspended tenants; `given_with`, of who logs in, is the mark of the password that was right."""

    id: UUID
    name: str
    email: str
    is_support: bool
    second_factor: bool = False
    is_owner: bool = False
    language: str = DUTCH
    belongings: tuple[Belonging, ...] = ()
    given_with: str = ""

    @property
    def factor_asked(self) -> bool:
        """Whether one of their tenants asks a second factor of everybody."""
        return any(one.factor_for_all for one in self.belongings)


def log_in(email: str, password: str, address: str, device: throttle.Gate | None = None) -> SignedIn:
    """The person with this e-mail and password. Raises Refusal; the text never tells which of the two is wrong.

    Where `second_factor` is set, the person is not in yet: services/people/second_factor.py has the next word.
    A `device` from which this person logged in before (known_devices.gate) has a counter of its own, and the one that
    a stranger can fill does not keep it out.
    """
    email = email_address.as_known(email)
    gates = (device,) if device else (throttle.account(email), throttle.address(address))
    throttle.attempt(gates)
    stored = db.session.scalar(select(Person.password_hash).where(Person.email == email))
    stop_reading()  # no transaction while the hash takes its time
    right = passwords.matches(stored, password)
    renewed = hash_password(password) if right and stored and passwords.is_dated(stored) else None
    person = _let_in(email, stored, renewed, gates) if right else None
    if person is not None:
        logger.info("login of person %s from %s", person.id, address)
        if not person.second_factor:
            told.of_person(person.id, "login.succeeded")
        return person
    logger.warning("login failed at %s from %s", throttle.account(email).key, address)
    told.of_failure(email)
    raise Refusal(msg("Deze combinatie van e-mailadres en wachtwoord kennen we niet."))


def _let_in(email: str, stored: str | None, renewed: str | None, gates: Sequence[throttle.Gate]) -> SignedIn | None:
    with write_transaction() as session:
        found = session.scalar(select(Person).where(Person.email == email))
        if found is None or found.password_hash != stored:  # changed meanwhile
            return None
        throttle.forgive(session, gates)
        found.password_hash = renewed or stored
        return replace(_known(session, found.id), given_with=given_with(found.password_hash))


def given_with(stored: str | None) -> str:
    """The mark of a password, by which a login half-way knows that it was not changed since."""
    return hashlib.sha256((stored or "").encode()).hexdigest()[:32]


def prove(person_id: UUID, password: str, address: str) -> None:
    """Check the password of somebody who is in already. Raises Refusal on "password". The counter is of who is in:
    nobody who is not can fill it."""
    stored = db.session.scalars(select(Person.password_hash).where(Person.id == person_id)).one()
    stop_reading()
    gates = (throttle.account(f"password of {person_id}, inside"),)
    throttle.attempt(gates)
    if not passwords.matches(stored, password):
        logger.warning("password of person %s not confirmed, from %s", person_id, address)
        told.of_person(person_id, "confirmation.refused")
        raise Refusal(msg("Dit is niet uw wachtwoord."), "password")
    with write_transaction(apart=True) as session:  # what it was asked for is still to come, and may be refused
        throttle.forgive(session, gates)


# Every request asks this, so it is one statement: of a person a row for each tenant they belong to, and one when none.
_KNOWN = (
    Person.id,
    Person.name,
    Person.email,
    Person.is_support,
    Person.totp_since,
    Person.language,
    Membership.role,
    Tenant.id.label("tenant_id"),
    Tenant.slug,
    Tenant.name.label("tenant_name"),
    Tenant.suspended_at,
    Tenant.factor_for_all,
)


def asking_who(people: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A query of people that also asks what `signed_in` reads."""
    return (
        people.add_columns(*_KNOWN)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Tenant, Tenant.id == Membership.tenant_id)
        .order_by(Tenant.sort_name, Tenant.id)
    )


def signed_in(rows: Sequence[Row[*tuple[Any, ...]]]) -> SignedIn | None:
    """The person in the rows of a query `asking_who`, or None when there is none."""
    if not rows or rows[0].id is None:
        return None
    one = rows[0]
    belongings = (
        Belonging(row.tenant_id, row.slug, row.tenant_name, row.role, row.factor_for_all)
        for row in rows
        if row.tenant_id is not None and row.suspended_at is None
    )
    owns = any(row.role == OWNER for row in rows)
    second = one.totp_since is not None
    return SignedIn(one.id, one.name, one.email, one.is_support, second, owns, one.language, tuple(belongings))


_ONE = asking_who(select().select_from(Person).where(Person.id == bindparam("person_id")))


def person(person_id: UUID) -> SignedIn | None:
    """Somebody by their id, or None when gone."""
    return signed_in(db.session.execute(_ONE, {"person_id": person_id}).all())


def _known(session: Session, person_id: UUID) -> SignedIn:
    found = signed_in(session.execute(_ONE, {"person_id": person_id}).all())
    assert found is not None  # its row was just read in this transaction
    return found


def guessable(session: Session, found: Person) -> Sequence[str]:
    """What anybody could guess of a person: their name and address, and the companies they belong to."""
    names = session.scalars(
        select(Tenant.name).join(Membership, Membership.tenant_id == Tenant.id).where(Membership.person_id == found.id)
    )
    return (found.email, found.name, *names)


def token_key(token: str) -> str:
    """What is kept of a one-time link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue_link(person_id: UUID, purpose: str, life: timedelta) -> str:
    """A single-use token for a person; only its hash is stored. Call inside a write transaction."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    db.session.add(
        Token(key=token_key(token), purpose=purpose, person_id=person_id, expires_at=now + life, created_at=now)
    )
    return token


def holder(token: str, purpose: str) -> tuple[str, str] | None:
    """The e-mail address a valid link belongs to and the language of its person, or None."""
    found = _holder(db.session(), token, purpose)
    return (found.email, found.language) if found else None


def _holder(session: Session, token: str, purpose: str, lock: bool = False) -> Person | None:
    row = valid_token(session, token, purpose, lock)
    found = session.get(Person, row.person_id) if row else None
    # A first password is for who has none: the link is no way round the password and second factor of who has.
    return None if found is not None and purpose == FIRST and found.password_hash else found


def choose_password(token: str, password: str) -> SignedIn:
    """Set a first password with a single-use link. Raises Refusal when it is used, expired or not needed any more, or
    the password weak."""
    found = _holder(db.session(), token, FIRST)
    about = guessable(db.session(), found) if found else ()
    stop_reading()
    passwords.check(password, about)
    hashed = hash_password(password)
    with write_transaction() as session:
        found = _holder(session, token, FIRST, lock=True)
        row = valid_token(session, token, FIRST)
        if found is None or row is None:
            raise Refusal(msg("Deze link is al gebruikt of verlopen. Vraag een nieuwe aan."))
        row.used_at = datetime.now(UTC)
        found.password_hash = hashed
        return _known(session, found.id)


def valid_token(session: Session, token: str, purpose: str, lock: bool = False) -> Token | None:
    """The row of a link that may still be used, or None. Its own length is what it may lie ahead (domain.moments)."""
    query = select(Token).where(Token.key == token_key(token), Token.purpose == purpose, Token.used_at.is_(None))
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    now = datetime.now(UTC)
    valid = row is not None and moments.lasts(row.expires_at, now, row.expires_at - (row.created_at or now))
    return row if valid else None


def tidy() -> None:
    """Throw away links that ran out thirty days ago, but for one to a company in which nobody is yet: by that its first
    owner is asked again."""
    inhabited = exists().where(Membership.tenant_id == Token.tenant_id)
    over = Token.expires_at < datetime.now(UTC) - timedelta(days=30)
    purge(Token.key, and_(over, or_(Token.tenant_id.is_(None), inhabited)))
