"""Logging in: passwords, throttled failures, first-owner links."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from domain.message import Refusal, msg
from models import Membership, Person, Tenant, Throttle, Token
from services._transaction import write_transaction
from tenancy.database import db

# 46 MiB, one pass, one lane: OWASP's second profile, about 80 ms here.
_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
_DUMMY = _hasher.hash("nobody has this password")
FREE_TRIES = 5
WINDOW = timedelta(minutes=15)
MIN_LENGTH = 12


@dataclass(frozen=True)
class SignedIn:
    """A person as plain values, for the session."""

    id: UUID
    name: str
    email: str
    is_support: bool
    theme: str


@dataclass(frozen=True)
class Belonging:
    """One tenant a person belongs to."""

    slug: str
    name: str
    role: str


def hash_password(password: str) -> str:
    """An argon2id hash."""
    return _hasher.hash(password)


def log_in(email: str, password: str, address: str) -> SignedIn:
    """The person with this e-mail and password. Raises Refusal; the text never tells which of the two is wrong."""
    email = email.strip().lower()
    keys = (f"account:{hashlib.sha256(email.encode()).hexdigest()[:32]}", f"address:{address}")
    _check_throttle(keys)
    person = db.session.scalar(select(Person).where(Person.email == email))
    stored = person.password_hash if person and person.password_hash else _DUMMY
    db.session.rollback()  # no transaction while the hash takes its time
    try:
        right = _hasher.verify(stored, password) and person is not None
    except (VerificationError, InvalidHashError):
        right = False
    with write_transaction() as session:
        found = session.scalar(select(Person).where(Person.email == email)) if right else None
        if found is None or not found.password_hash:
            _count_failure(keys)
        else:
            for row in session.scalars(select(Throttle).where(Throttle.key == keys[0])):
                session.delete(row)
            if _hasher.check_needs_rehash(found.password_hash):
                found.password_hash = _hasher.hash(password)
            return SignedIn(found.id, found.name, found.email, found.is_support, found.theme)
    raise Refusal(msg("Deze combinatie van e-mailadres en wachtwoord kennen we niet."))


def _check_throttle(keys: tuple[str, str]) -> None:
    now = datetime.now(UTC)
    for key, free in zip(keys, (FREE_TRIES, FREE_TRIES * 4), strict=True):
        row = db.session.get(Throttle, key)
        if row is None or row.failures < free or row.last_at < now - WINDOW:
            continue
        wait = min(30 * 2 ** (row.failures - free), 900)
        left = wait - (now - row.last_at).total_seconds()
        if left > 0:
            text = (
                "Te veel mislukte pogingen. Probeer het over %(seconds)s seconden opnieuw; uw account blijft bestaan."
            )
            raise Refusal(msg(text, seconds=int(left) + 1))


def _count_failure(keys: tuple[str, str]) -> None:
    now = datetime.now(UTC)
    for key in keys:
        row = db.session.get(Throttle, key)
        if row is None:
            db.session.add(Throttle(key=key, failures=1, last_at=now))
        else:
            row.failures = row.failures + 1 if row.last_at > now - WINDOW else 1
            row.last_at = now


def person(person_id: UUID) -> SignedIn | None:
    """The person behind a session, or None when gone."""
    found = db.session.get(Person, person_id)
    return SignedIn(found.id, found.name, found.email, found.is_support, found.theme) if found else None


def belongings(person_id: UUID) -> list[Belonging]:
    """The tenants a person belongs to, by name; suspended ones are left out."""
    query = (
        select(Tenant.slug, Tenant.name, Membership.role)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .where(Membership.person_id == person_id, Tenant.suspended_at.is_(None))
        .order_by(Tenant.name)
    )
    return [Belonging(*row) for row in db.session.execute(query)]


def issue_link(person_id: UUID, purpose: str, life: timedelta) -> str:
    """A single-use token for a person; only its hash is stored. Call inside a write transaction."""
    token = secrets.token_urlsafe(32)
    key = hashlib.sha256(token.encode()).hexdigest()
    db.session.add(Token(key=key, purpose=purpose, person_id=person_id, expires_at=datetime.now(UTC) + life))
    return token


def holder(token: str, purpose: str) -> str | None:
    """The e-mail address a valid link belongs to, or None."""
    row = _valid(token, purpose)
    found = db.session.get(Person, row.person_id) if row else None
    return found.email if found else None


def choose_password(token: str, purpose: str, password: str) -> SignedIn:
    """Set a password with a single-use link. Raises Refusal when it is used, expired, or the password too short."""
    if len(password) < MIN_LENGTH:
        raise Refusal(msg("Kies een wachtwoord van minstens %(n)s tekens.", n=MIN_LENGTH), "password")
    hashed = _hasher.hash(password)
    with write_transaction() as session:
        row = _valid(token, purpose)
        if row is None:
            raise Refusal(msg("Deze link is al gebruikt of verlopen. Vraag een nieuwe aan."))
        row.used_at = datetime.now(UTC)
        found = session.get(Person, row.person_id)
        assert found is not None
        found.password_hash = hashed
        return SignedIn(found.id, found.name, found.email, found.is_support, found.theme)


def _valid(token: str, purpose: str) -> Token | None:
    row = db.session.get(Token, hashlib.sha256(token.encode()).hexdigest())
    if row is None or row.purpose != purpose or row.used_at or row.expires_at < datetime.now(UTC):
        return None
    return row
