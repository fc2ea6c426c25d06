"""Tenants: creating one, and finding out who somebody is inside one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import email_address
from domain.languages import DUTCH
from domain.message import Refusal, msg
from domain.permissions import OWNER, WORKER, Actor
from domain.work_order import LINE_KINDS
from models import (
    Company,
    Connection,
    LineDefault,
    Membership,
    Person,
    Tenant,
    TenantAnchor,
    TenantStatus,
    Worker,
)
from services.people import authentication
from services.people.authentication import SignedIn
from services.transaction import write_transaction
from tenancy.database import db
from tenancy.fence import enter

Tell = Callable[[Session, Tenant, str], None]
Ask = Callable[[Session, Tenant], None]


def create(
    slug: str,
    name: str,
    owner_email: str,
    owner_name: str = "",
    is_demo: bool = False,
    tell: Tell | None = None,
    language: str = DUTCH,
) -> tuple[int, str]:
    """Make a tenant with its first owner. Returns its id and the token of the owner's one-time link (7 days).

    `language` is the company's, and the owner's when they are new here. `tell` is called with that token inside the
    transaction, to write a letter or an entry in the trail.
    """
    email = email_address.of_person(owner_email, "owner_email")
    with write_transaction() as session:
        tenant = _make(session, slug, name, language)
        now = tenant.created_at
        owner = session.scalar(select(Person).where(Person.email == email))
        if owner is not None and owner.is_support:
            raise Refusal(msg("Dit e-mailadres is van onze support; die hoort bij geen enkele klant."), "owner_email")
        if owner is None:
            called = owner_name or email.partition("@")[0]
            owner = Person(email=email, name=called, created_at=now, is_demo=is_demo, language=language)
            session.add(owner)
        session.flush()
        session.add(Membership(tenant_id=tenant.id, person_id=owner.id, role=OWNER))
        token = authentication.issue_link(owner.id, "first_login", timedelta(days=7))
        if tell is not None:
            tell(session, tenant, token)
        return tenant.id, token


def create_for(slug: str, name: str, ask: Ask, language: str = DUTCH) -> int:
    """Make a tenant in which nobody is yet. Returns its id. `ask` is called inside the transaction, to ask somebody to
    become its owner."""
    with write_transaction() as session:
        tenant = _make(session, slug, name, language)
        ask(session, tenant)
        return tenant.id


def _make(session: Session, slug: str, name: str, language: str) -> Tenant:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,38}", slug):
        raise Refusal(msg("De korte naam mag kleine letters, cijfers en streepjes hebben."), "slug")
    if session.scalar(select(Tenant.id).where(Tenant.slug == slug)):
        raise Refusal(msg("Er is al een klant met de korte naam %(slug)s.", slug=slug), "slug")
    tenant = Tenant(slug=slug, name=name, created_at=datetime.now(UTC), language=language)
    session.add(tenant)
    session.flush()
    enter(session, tenant.id)
    session.add(TenantAnchor())
    session.flush()
    session.add(TenantStatus(tenant_id=tenant.id))
    session.add(Company(name=name))
    session.add(Connection())
    session.add_all(LineDefault(kind=kind, code=code) for kind, code in _FIRST_CODES.items())
    return tenant


_FIRST_CODES = dict(zip(LINE_KINDS, ("ARTIKEL", "ARBEID", "MATERIAAL", "VOORRIJ", "TEKST"), strict=True))


def leave() -> None:
    """Let go of the present tenant: the next one gets a new session."""
    db.session.remove()


def actor_for(slug: str, person: SignedIn) -> Actor | None:
    """The person at work in this tenant, or None when the tenant is unknown or not theirs. Enters the tenant."""
    here = next((one for one in person.belongings if one.slug == slug), None)
    if here is None:
        return None
    enter(db.session(), here.tenant_id)
    worker_id = _worker_of(person.id) if here.role == WORKER else None
    return Actor(here.tenant_id, here.slug, here.name, person.id, person.name, here.role, worker_id)


def _worker_of(person_id: UUID) -> UUID | None:
    return db.session.scalar(select(Worker.id).where(Worker.person_id == person_id, Worker.active))


def process(slug_or_id: str | int, name: str) -> Actor:
    """An actor for a process of our own (worker, demo): full rights, its own name in the trail. Enters the tenant."""
    by = Tenant.id == slug_or_id if isinstance(slug_or_id, int) else Tenant.slug == slug_or_id
    tenant = db.session.scalars(select(Tenant).where(by)).one()
    enter(db.session(), tenant.id)
    return Actor(tenant.id, tenant.slug, tenant.name, UUID(int=0), name, OWNER)
