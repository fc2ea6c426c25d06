"""The demo's people, for the login page's buttons; a production start refuses while any exist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models import Membership, Person, Tenant
from tenancy.database import db

PASSWORD = "werkbon-demo-2026"  # noqa: S105 - printed on the login page of the demo


@dataclass(frozen=True)
class DemoPerson:
    """A demo person; role is None for support."""

    name: str
    email: str
    role: str | None
    tenant: str
    password: str = PASSWORD


def list_() -> list[DemoPerson]:
    """Everybody in the demo, company by company, support last."""
    query = (
        select(Person.name, Person.email, Membership.role, Tenant.name)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Tenant, Tenant.id == Membership.tenant_id)
        .where(Person.is_demo)
        .order_by(Person.is_support, Tenant.id, Person.id)
    )
    return [DemoPerson(name, email, role, tenant or "") for name, email, role, tenant in db.session.execute(query)]


def exist() -> bool:
    """Whether any demo person is in the database."""
    return db.session.scalar(select(Person.id).where(Person.is_demo).limit(1)) is not None
