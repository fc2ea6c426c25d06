"""Support's own pages: the tenants without their content, opening and closing one, and the list of visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain import email_address
from domain.languages import DUTCH
from domain.link import LinkState
from domain.message import Refusal, msg
from domain.permissions import Actor
from domain.visible import bare
from models import Membership, Person, SupportVisit, Tenant, TenantStatus
from oversight.audit_trail import record
from services import mail
from services.company import tenants
from services.dependencies import Dependencies
from services.paging import Page, page_of
from services.people.authentication import SignedIn
from services.support import access
from services.support.access import Consent
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import enter

MOST = 200  # tenants in one list; who has more, searches


@dataclass(frozen=True)
class TenantRow:
    """What support sees of a tenant before stepping in."""

    slug: str
    name: str
    created_at: datetime
    suspended: bool
    people: int
    link_state: LinkState
    synced_at: datetime | None
    refused: int
    uncertain: int
    consent: Consent
    suspended_reason: str


@dataclass(frozen=True)
class VisitRow:
    """One visit in support's own log."""

    id: UUID
    staff: str
    tenant: str
    slug: str
    mode: str
    whom: str
    broke_glass: bool
    reason: str
    ticket: str
    started_at: datetime
    ended_at: datetime | None


def list_tenants(text: str = "") -> list[TenantRow]:
    """The first 200 tenants by name, or of those whose name or short name contains a text."""
    query = _overview().order_by(Tenant.sort_name, Tenant.id).limit(MOST)
    wanted = text.strip()
    if wanted:
        query = query.where(
            Tenant.name.icontains(wanted, autoescape=True) | Tenant.slug.icontains(wanted, autoescape=True)
        )
    return [_row(*found) for found in db.session.execute(query)]


def tenant(slug: str) -> TenantRow:
    """One tenant by its short name. Raises LookupError."""
    found = db.session.execute(_overview().where(Tenant.slug == slug)).one_or_none()
    if found is None:
        raise LookupError(slug)
    return _row(*found)


def _overview() -> Select[Tenant, TenantStatus, int]:
    people = (
        select(func.count())
        .select_from(Membership)
        .where(Membership.tenant_id == Tenant.id)
        .correlate(Tenant)
        .scalar_subquery()
    )
    return select(Tenant, TenantStatus, people).outerjoin(TenantStatus, TenantStatus.tenant_id == Tenant.id)


def _row(tenant: Tenant, status: TenantStatus | None, people: int) -> TenantRow:
    return TenantRow(
        slug=tenant.slug, name=tenant.name, created_at=tenant.created_at,
        suspended=tenant.suspended_at is not None, people=people,
        link_state=LinkState(status.link_state) if status else LinkState.OFF,
        synced_at=status.synced_at if status else None,
        refused=status.refused if status else 0, uncertain=status.uncertain if status else 0,
        consent=access.of(tenant), suspended_reason=tenant.suspended_reason,
    )  # fmt: skip


def open_tenant(
    deps: Dependencies,
    staff: SignedIn,
    slug: str,
    name: str,
    owner_email: str,
    owner_name: str,
    link: Callable[[str], str],
    language: str = DUTCH,
) -> None:
    """Make a tenant with its first owner, who gets a mail with a one-time link; `link` makes a URL of a token;
    `language` is the company's, and a new owner's.

    Raises Refusal with the field: slug, name or owner_email.
    """
    slug, name = slug.strip().lower(), " ".join(name.split())
    if not 2 <= len(bare(name)) <= len(name) <= 100:
        raise Refusal(msg("Vul de naam van het bedrijf in, hooguit 100 tekens."), "name")
    address = email_address.of_person(owner_email, "owner_email")

    def tell(session: Session, made: Tenant, token: str) -> None:
        record(session, _at_work(staff, made), "tenant.opened", owner=address.lower())
        owner = session.scalars(select(Person.language).where(Person.email == address)).one()
        mail.write(session, deps, address.lower(), owner, "tenant_opened", tenant=made.name, link=link(token))

    tenants.leave()
    tenants.create(slug, name, address, owner_name.strip()[:100], tell=tell, language=language)


def suspend(staff: SignedIn, slug: str, reason: str) -> None:
    """Close a tenant with a reason: nobody comes in and the worker leaves it alone. Raises Refusal, LookupError."""
    if len(bare(reason)) < 5:
        raise Refusal(msg("Schrijf op waarom dit bedrijf dicht gaat."), "reason")
    with write_transaction() as session:
        row = _tenant_row(session, slug)
        if row.suspended_at:
            return
        now = database_now(session)
        row.suspended_at, row.suspended_reason = now, reason.strip()[:300]
        enter(session, row.id)
        record(session, _at_work(staff, row), "tenant.suspended", reason=row.suspended_reason)
        running = select(SupportVisit).where(SupportVisit.tenant_id == row.id, SupportVisit.ended_at.is_(None))
        for visit in session.scalars(running):
            visit.ended_at = min(now, visit.ends_at)


def resume(staff: SignedIn, slug: str) -> None:
    """Open a closed tenant again. Raises LookupError for an unknown one."""
    with write_transaction() as session:
        row = _tenant_row(session, slug)
        if not row.suspended_at:
            return
        row.suspended_at, row.suspended_reason = None, ""
        enter(session, row.id)
        record(session, _at_work(staff, row), "tenant.resumed")


def visits(after: str = "") -> Page[VisitRow]:
    """Every visit of support to every tenant, newest first; `after` is the id of the last one seen."""
    query = (
        select(SupportVisit, Tenant.name, Tenant.slug, Person.name)
        .join(Tenant, Tenant.id == SupportVisit.tenant_id)
        .join(Person, Person.id == SupportVisit.staff_id)
    )
    page = page_of(query, SupportVisit, [SupportVisit.started_at], after, down=True)
    rows = tuple(
        VisitRow(
            visit.id, staff, name, slug, visit.mode, visit.subject_name or name, visit.broke_glass, visit.reason,
            visit.ticket, visit.started_at, visit.ended_at,
        )
        for visit, name, slug, staff in page.rows
    )  # fmt: skip
    return page.showing(rows)


def _tenant_row(session: Session, slug: str) -> Tenant:
    row = session.scalars(select(Tenant).where(Tenant.slug == slug).with_for_update()).one_or_none()
    if row is None:
        raise LookupError(slug)
    return row


def _at_work(staff: SignedIn, row: Tenant) -> Actor:
    """Staff doing something to a tenant from outside: in its log under their own name, for the company."""
    return Actor(row.id, row.slug, row.name, staff.id, staff.name, "support", None, on_behalf_of=row.name)
