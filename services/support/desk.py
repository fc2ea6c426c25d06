"""Support's own pages: the tenants without their content, opening and closing one, and the list of visits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from domain import email_address, one_line
from domain.finding import words_typed
from domain.languages import DUTCH
from domain.link import LinkState
from domain.message import Refusal, msg
from domain.permissions import OWNER, Actor
from domain.visible import bare
from models import Membership, Person, SupportVisit, Tenant, TenantStatus, Token
from oversight.audit_trail import record
from services import mail
from services.company import tenants
from services.dependencies import Dependencies
from services.paging import Page, page_of
from services.people import invitations, throttle
from services.people.authentication import SignedIn
from services.support import access
from services.support.access import Consent
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import enter
from tenancy.folded import contains_folded

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
    """The first 200 tenants by name, or of those whose name or short name has every word of a text, or a part of it."""
    query = _overview().order_by(Tenant.sort_name, Tenant.id).limit(MOST)
    words = words_typed(text)
    if text.strip() and not words:
        return []
    for word in words:
        query = query.where(or_(contains_folded(Tenant.name, word), Tenant.slug.contains(word, autoescape=True)))
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
    language: str = DUTCH,
) -> None:
    """Make a tenant and ask somebody by mail to be its first owner, who is that only after following the link.
    `language` is the company's, and a new owner's.

    Raises Refusal with the field: slug, name or owner_email.
    """
    slug, name = slug.strip().lower(), one_line.of_company(name)
    if len(name) < 2:
        raise Refusal(msg("Vul de naam van het bedrijf in, hooguit 100 tekens."), "name")
    address = email_address.of_person(owner_email, "owner_email")

    def ask(session: Session, made: Tenant) -> None:
        record(session, _at_work(staff, made), "tenant.opened", owner=address)
        _ask_owner(session, deps, made, address)

    tenants.leave()
    tenants.create_for(slug, name, ask, language)


def ask_owner_again(deps: Dependencies, staff: SignedIn, slug: str) -> str:
    """Send the mail to the first owner again, under a new link. Returns the address. Raises LookupError for a tenant
    that is unknown or has people already, Refusal when too many letters went lately."""
    query = select(Token.email, Tenant.id).join(Tenant, Tenant.id == Token.tenant_id).where(
        Tenant.slug == slug, Token.purpose == invitations.PURPOSE, Token.role == OWNER, Token.invited_by.is_(None)
    )  # fmt: skip
    found = db.session.execute(query.order_by(Token.created_at.desc()).limit(1)).one_or_none()
    if found is None or found.email is None:
        raise LookupError(slug)
    tenants.leave()
    throttle.attempt(throttle.letters(found.id, found.email), invitations.ENOUGH)
    with write_transaction() as session:
        row = _tenant_row(session, slug)
        if session.scalar(select(Membership.person_id).where(Membership.tenant_id == row.id).limit(1)) is not None:
            raise LookupError(slug)
        enter(session, row.id)
        record(session, _at_work(staff, row), "tenant.owner_asked", owner=found.email)
        _ask_owner(session, deps, row, found.email)
        return str(found.email)


def _ask_owner(session: Session, deps: Dependencies, made: Tenant, address: str) -> None:
    known = session.execute(select(Person.language, Person.is_support).where(Person.email == address)).one_or_none()
    if known is not None and known.is_support:
        raise Refusal(msg("Dit e-mailadres is van onze support; die hoort bij geen enkele klant."), "owner_email")
    token = invitations.offer(session, made.id, address, OWNER, None)
    link = f"{deps.settings.base_url.rstrip('/')}/invitation/{token}"
    mail.write(session, deps, address, known.language if known else made.language, "tenant_opened", tenant=made.name,
               link=link)  # fmt: skip


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
