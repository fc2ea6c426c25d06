"""Support: the tenants without their content, and stepping in with a reason for a limited time, to look only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select

from domain.message import Refusal, msg
from domain.permissions import Actor
from models import Membership, SupportVisit, Tenant, TenantStatus
from oversight.audit_trail import record
from services import tenants
from services._transaction import write_transaction
from services.authentication import SignedIn
from services.parts import Parts
from tenancy.database import db
from tenancy.fence import enter


@dataclass(frozen=True)
class TenantRow:
    """What support sees of a tenant before stepping in."""

    slug: str
    name: str
    created_at: datetime
    suspended: bool
    people: int
    link_state: str
    synced_at: datetime | None
    refused: int
    uncertain: int


def list_tenants(text: str = "") -> list[TenantRow]:
    """All tenants by name, or those whose name or short name contains a text."""
    people = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.tenant_id == Tenant.id)
        .correlate(Tenant)
        .scalar_subquery()
    )
    query = (
        select(Tenant, TenantStatus, people)
        .outerjoin(TenantStatus, TenantStatus.tenant_id == Tenant.id)
        .order_by(Tenant.name)
    )
    if text.strip():
        like = f"%{text.strip()}%"
        query = query.where(Tenant.name.ilike(like) | Tenant.slug.ilike(like))
    rows = []
    for tenant, status, number in db.session.execute(query.limit(200)):
        state = status.link_state if status else "off"
        synced = status.synced_at if status else None
        refused, uncertain = (status.refused, status.uncertain) if status else (0, 0)
        suspended = tenant.suspended_at is not None
        rows.append(
            TenantRow(tenant.slug, tenant.name, tenant.created_at, suspended, number, state, synced, refused, uncertain)
        )
    return rows


def step_in(parts: Parts, staff: SignedIn, slug: str, reason: str) -> UUID:
    """Begin a visit of 30 minutes. Raises Refusal without a reason, LookupError for an unknown tenant."""
    if len(reason.strip()) < 5:
        raise Refusal(msg("Schrijf op waarom u meekijkt; de klant leest dit mee."), "reason")
    with write_transaction() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.slug == slug, Tenant.suspended_at.is_(None))).one_or_none()
        if tenant is None:
            raise LookupError(slug)
        now = datetime.now(UTC)
        for open_one in session.scalars(
            select(SupportVisit).where(SupportVisit.staff_id == staff.id, SupportVisit.ended_at.is_(None))
        ):
            open_one.ended_at = min(now, open_one.ends_at)  # no nesting: a new visit ends the one before
        visit = SupportVisit(
            tenant_id=tenant.id, staff_id=staff.id, reason=reason.strip()[:300], started_at=now,
            ends_at=now + parts.settings.times.support_visit,
        )  # fmt: skip
        session.add(visit)
        session.flush()
        enter(session, tenant.id)
        actor = Actor(tenant.id, tenant.slug, tenant.name, staff.id, staff.name, "support", None, tenant.name, visit.id)
        record(session, actor, "impersonation.started", "visit", visit.id, reason=visit.reason)
        return visit.id


def present_visit(visit_id: UUID) -> SupportVisit | None:
    """The visit, if it is still going on."""
    row = db.session.get(SupportVisit, visit_id)
    return row if row and row.ended_at is None and row.ends_at > datetime.now(UTC) else None


def stop(staff: SignedIn, visit_id: UUID) -> None:
    """End a visit of this staff member; ending twice changes nothing."""
    found = db.session.scalar(
        select(SupportVisit.tenant_id).where(SupportVisit.id == visit_id, SupportVisit.staff_id == staff.id)
    )
    if found is None:
        return
    tenants.leave()
    enter(db.session(), found)
    with write_transaction() as session:
        row = session.get(SupportVisit, visit_id)
        if row is None or row.ended_at is not None:
            return
        now = datetime.now(UTC)
        row.ended_at = min(now, row.ends_at)
        tenant = session.get(Tenant, row.tenant_id)
        assert tenant is not None
        actor = Actor(tenant.id, tenant.slug, tenant.name, staff.id, staff.name, "support", None, tenant.name, row.id)
        record(session, actor, "impersonation.stopped", "visit", row.id)
