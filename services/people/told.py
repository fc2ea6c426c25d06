"""What people do at the door, in the trail of each company they belong to, where its people can read it: logins and
failures, another password, the second step, confirmations that were refused.

Each is written after it happened, on a connection of its own. A company whose database is away misses its entry, and
nobody stays outside for that; the log line is always there.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from domain.permissions import Actor
from models import Membership, Person, Tenant
from oversight.audit_trail import record
from services.people import throttle
from services.transaction import own_transaction, stop_reading
from tenancy.database import db

logger = logging.getLogger("crafter.login")


def of_person(person_id: UUID, event: str, by: str = "", **data: Any) -> None:
    """One entry in each company of a person, under their own name or that of who did it (`by`, a process). Not inside a
    write transaction."""
    query = (
        select(Tenant.id, Tenant.slug, Tenant.name, Person.name, Person.email, Membership.role)
        .join(Membership, Membership.tenant_id == Tenant.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Person.id == person_id, Tenant.suspended_at.is_(None))
        .order_by(Tenant.id)
    )
    rows = db.session.execute(query).all()
    stop_reading()
    for tenant_id, slug, company, name, email, role in rows:
        who: Actor | str = by or Actor(tenant_id, slug, company, person_id, name, role)
        try:
            with own_transaction(tenant_id) as session:
                record(session, who, event, "team", person_id, email, **data)
        except OperationalError:
            logger.exception("%s of person %s cannot be written in the trail of tenant %s", event, person_id, tenant_id)


def of_failure(email: str) -> None:
    """That somebody tried to log in under an address and failed: one entry in a quarter of an hour, or strangers would
    fill a trail. What it takes is nearly the same for an address nobody knows, and can be seen once in that time."""
    reader = hashlib.sha256(email.encode(errors="replace")).hexdigest()[:32]
    if not throttle.rarely(f"told of {reader}"):
        return
    found = db.session.scalar(select(Person.id).where(Person.email == email))
    stop_reading()
    if found is None:
        throttle.rarely(f"told of nobody {reader}")
    else:
        of_person(found, "login.failed")
