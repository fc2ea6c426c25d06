"""A visit of support to a tenant: begun with a reason, looked or acted within, noted request by request, and ended."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from domain import moments
from domain.message import Refusal, msg
from domain.notes import NOTES, note
from domain.permissions import OFFICE, OWNER, Actor
from domain.visible import bare
from models import Membership, Person, SupportVisit, Tenant, Worker
from oversight.audit_trail import record
from services import mail
from services.company import tenants
from services.dependencies import Dependencies
from services.people.authentication import SignedIn
from services.support import access
from services.transaction import ask_before_writing, own_transaction, write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import enter
from tenancy.read_only import look_only

logger = logging.getLogger("crafter.support")

READING, ACTING = "reading", "acting"
_SUBJECTS = {"order_id": "work_order", "relation_id": "relation", "article_id": "article", "worker_id": "worker"}


@dataclass(frozen=True)
class Wish:
    """What somebody of support asks for. `subject_id` empty: the company itself, with the rights of the office.
    `anyway` is the extra yes when the tenant has switched looking along off."""

    mode: str
    reason: str
    ticket: str = ""
    subject_id: UUID | None = None
    anyway: bool = False


@dataclass(frozen=True)
class Subject:
    """A member on whose behalf support may act."""

    id: UUID
    name: str
    role: str


def subjects(slug: str) -> list[Subject]:
    """Whom support may act for at a tenant, by name; nobody as long as the tenant did not agree to acting."""
    tenant = db.session.scalars(select(Tenant).where(Tenant.slug == slug)).one_or_none()
    if tenant is None or not access.of(tenant).acting:
        return []
    return [Subject(person.id, person.name, role) for person, role in _members(db.session(), tenant.id)]


def _members(session: Session, tenant_id: int) -> list[tuple[Person, str]]:
    query = (
        select(Person, Membership.role)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.tenant_id == tenant_id, Person.is_support.is_(False))  # never towards other staff
        .order_by(Person.sort_name, Person.id)
    )
    return [(person, role) for person, role in session.execute(query)]


def step_in(deps: Dependencies, staff: SignedIn, slug: str, wish: Wish) -> UUID:
    """Begin a visit; a visit still going on ends first, so that none is nested. Owners are told by mail.

    Raises Refusal (fields reason, mode, subject_id, anyway) and LookupError for an unknown or suspended tenant.
    """
    if len(bare(wish.reason)) < 5:
        raise Refusal(msg("Schrijf op waarom u meekijkt; de klant leest dit mee."), "reason")
    stop_all(staff)
    tenants.leave()
    with write_transaction() as session:
        tenant = session.scalars(select(Tenant).where(Tenant.slug == slug, Tenant.suspended_at.is_(None))).one_or_none()
        if tenant is None:
            raise LookupError(slug)
        now = database_now(session)
        subject = _check(session, tenant, staff, wish, now)
        ends_at = now + deps.settings.times.support_visit
        if wish.mode == ACTING and tenant.support_acting_until:
            ends_at = min(ends_at, tenant.support_acting_until)
        visit = SupportVisit(
            tenant_id=tenant.id, staff_id=staff.id, reason=wish.reason.strip()[:300], ticket=wish.ticket.strip()[:60],
            started_at=now, ends_at=ends_at, mode=wish.mode, subject_id=subject.id if subject else None,
            subject_name=subject.name if subject else "", broke_glass=not access.of(tenant).reading,
        )  # fmt: skip
        session.add(visit)
        session.flush()
        enter(session, tenant.id)
        actor = _visitor(tenant, staff.id, staff.name, visit, None, None)
        why = f"{visit.reason} ({visit.ticket})" if visit.ticket else visit.reason
        if wish.mode == ACTING:
            record(session, actor, "impersonation.acting", "visit", visit.id, whom=actor.on_behalf_of, reason=why)
        elif visit.broke_glass:
            record(session, actor, "impersonation.broke_glass", "visit", visit.id, reason=why)
        else:
            record(session, actor, "impersonation.started", "visit", visit.id, reason=why)
        _tell_owners(session, deps, tenant, visit, staff, why)
        return visit.id


def _check(session: Session, tenant: Tenant, staff: SignedIn, wish: Wish, now: datetime) -> Subject | None:
    consent = access.of(tenant)
    if session.get(Membership, (tenant.id, staff.id)):
        raise Refusal(msg("U werkt zelf bij dit bedrijf. Ga er binnen met uw eigen rol."))
    if wish.mode not in {READING, ACTING}:
        raise Refusal(msg("Kies of u meekijkt of namens iemand handelt."), "mode")
    if wish.mode == ACTING and not consent.acting:
        raise Refusal(
            msg("De klant heeft niet goedgevonden dat support namens hen handelt. Vraag de eigenaar om dat aan te "
                "zetten bij Instellingen, Toegang voor support."), "mode",
        )  # fmt: skip
    if wish.mode == READING and not consent.reading and not wish.anyway:
        raise Refusal(msg("De klant heeft meekijken uitgezet. Bevestig dat dit een noodgeval is."), "anyway")
    query = select(SupportVisit.reason).where(
        SupportVisit.tenant_id == tenant.id, SupportVisit.staff_id == staff.id,
        SupportVisit.started_at > now - timedelta(days=1),
    )  # fmt: skip
    if wish.reason.strip().casefold() in {reason.casefold() for reason in session.scalars(query)}:
        raise Refusal(msg("Dit is de reden van uw vorige bezoek. Schrijf op waarom u opnieuw binnengaat."), "reason")
    if wish.mode == READING or wish.subject_id is None:
        return None
    for person, role in _members(session, tenant.id):
        if person.id == wish.subject_id:
            return Subject(person.id, person.name, role)
    raise Refusal(msg("Kies iemand van dit bedrijf."), "subject_id")


def _tell_owners(
    session: Session, deps: Dependencies, tenant: Tenant, visit: SupportVisit, staff: SignedIn, why: str
) -> None:
    minutes = max(1, round((visit.ends_at - visit.started_at).total_seconds() / 60))
    base = f"{deps.settings.base_url.rstrip('/')}/t/{tenant.slug}/settings"
    values = {
        "staff": staff.name, "tenant": tenant.name, "whom": visit.subject_name or tenant.name, "reason": why,
        "acting": visit.mode == ACTING, "broke_glass": visit.broke_glass, "minutes": minutes,
        "history": f"{base}/history?kind=support", "access": f"{base}/support-access",
    }  # fmt: skip
    query = (
        select(Person.email, Person.language)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.tenant_id == tenant.id, Membership.role == OWNER)
        .order_by(Person.email)
    )
    for address, language in session.execute(query).all():
        mail.write(session, deps, address, language, "support_visit", **values)


def present_visit(visit_id: UUID) -> SupportVisit | None:
    """The visit, if it is still going on."""
    row = db.session.get(SupportVisit, visit_id)
    return row if row and row.ended_at is None and not _is_over(row, datetime.now(UTC)) else None


def _is_over(row: SupportVisit, now: datetime) -> bool:
    """Whether its time is over. One that begins later than now began before the clock was set back: how long it lasts
    already nobody can say, and half an hour was promised."""
    return row.ends_at <= now or moments.is_ahead(row.started_at, now)


def _over(now: datetime) -> ColumnElement[bool]:
    """The same of rows."""
    return or_(SupportVisit.ends_at <= now, SupportVisit.started_at > now + moments.CLOCKS_DIFFER)


def visitor_in(slug: str, staff_id: UUID, visit_id: UUID) -> Actor | None:
    """Who of support is visiting here: an actor while the visit lasts and the tenant's consent covers it, else None.

    Enters the tenant. What the visitor's session of the database may do is a step of its own: `bind_session`.
    """
    query = (
        select(Tenant, Person, SupportVisit)
        .join(SupportVisit, SupportVisit.tenant_id == Tenant.id)
        .join(Person, Person.id == SupportVisit.staff_id)
        .where(Tenant.slug == slug, SupportVisit.id == visit_id, SupportVisit.staff_id == staff_id, Person.is_support,
               Tenant.suspended_at.is_(None), SupportVisit.ended_at.is_(None), ~_over(datetime.now(UTC)))
    )  # fmt: skip
    row = db.session.execute(query).one_or_none()
    if row is None or not access.covers(access.of(row[0]), row[2]):
        return None
    tenant, staff, visit = row
    role, worker_id = None, None
    enter(db.session(), tenant.id)
    if visit.subject_id:
        role = {person.id: role for person, role in _members(db.session(), tenant.id)}.get(visit.subject_id)
        if role is None:
            return None  # no longer a member
        worker_id = db.session.scalar(select(Worker.id).where(Worker.person_id == visit.subject_id, Worker.active))
    return _visitor(tenant, staff.id, staff.name, visit, role, worker_id)


def bind_session(actor: Actor) -> None:
    """Bind the session of the database to what a visitor may: somebody who only looks gets one that only reads, from
    here on and whatever is asked of it. There is no way back. Who acts is asked again before each write and each call
    to the bookkeeping, for consent may be withdrawn while a request is under way."""
    if actor.acting and actor.visit_id is not None:
        ask_before_writing(db.session(), partial(_still_acting, actor.tenant_id, actor.visit_id))
    elif actor.visiting:
        look_only(db.session())


class VisitOver(RuntimeError):
    """A visit ended, or its consent was withdrawn, while a request of it was under way."""


def _still_acting(tenant_id: int, visit_id: UUID, session: Session) -> None:
    """Raises VisitOver. The tenant's row is locked against whoever withdraws (access.save): either they come first and
    this is refused, or what is written here is written before their consent ended."""
    locked = select(Tenant).where(Tenant.id == tenant_id).with_for_update(key_share=True)
    tenant = session.scalars(locked.execution_options(populate_existing=True)).one()
    visit = session.get(SupportVisit, visit_id, populate_existing=True)
    over = visit is None or visit.ended_at is not None or _is_over(visit, datetime.now(UTC))
    if over or visit is None or tenant.suspended_at is not None or not access.covers(access.of(tenant), visit):
        raise VisitOver


def _visitor(
    tenant: Tenant, staff_id: UUID, staff_name: str, visit: SupportVisit, role: str | None, worker_id: UUID | None
) -> Actor:
    acting = visit.mode == ACTING
    return Actor(
        tenant.id, tenant.slug, tenant.name, staff_id, staff_name, (role or OFFICE) if acting else "support", worker_id,
        on_behalf_of=visit.subject_name or tenant.name, visit_id=visit.id, on_behalf_of_id=visit.subject_id,
        acting=acting,
    )  # fmt: skip


def note_request(actor: Actor, what: str, endpoint: str, path: str, ids: dict[str, UUID]) -> None:
    """Write one request of a visit in the tenant's log: `what` is looked, asked, pressed or refused.

    On a connection of its own and committed before the request goes on: what cannot be noted does not happen.
    """
    word = endpoint.partition(".")[0]
    area = note(f"area.{word}") if f"area.{word}" in NOTES else word
    subject, subject_id = next(((_SUBJECTS[name], ids[name]) for name in _SUBJECTS if name in ids), ("", None))
    with own_transaction(actor.tenant_id) as session:
        record(session, actor, f"visit.{what}", subject, subject_id, area=area, path=path[:200])


def stop(staff: SignedIn, visit_id: UUID, apart: bool = False) -> None:
    """End a visit of this staff member; ending twice changes nothing. `apart`: on the way to something else, which may
    still be refused (services/transaction.py)."""
    found = db.session.scalar(
        select(SupportVisit.tenant_id).where(SupportVisit.id == visit_id, SupportVisit.staff_id == staff.id)
    )
    if found is None:
        return
    tenants.leave()
    enter(db.session(), found)
    with write_transaction(apart) as session:
        row = session.scalars(select(SupportVisit).where(SupportVisit.id == visit_id).with_for_update()).one()
        if row.ended_at is not None:
            return
        row.ended_at = min(database_now(session), row.ends_at)
        tenant = session.get(Tenant, row.tenant_id)
        assert tenant is not None
        visitor = _visitor(tenant, staff.id, staff.name, row, None, None)
        record(session, visitor, "impersonation.stopped", "visit", row.id)


def stop_all(staff: SignedIn) -> None:
    """End every visit of this staff member that is still open; each is noted in its own tenant's log.

    On a distributed database a tenant's node may be away. Its log cannot be written then, and nobody can look there
    either; the visit stays until its time is over (close_run_out), and keeps nobody from helping another tenant.
    """
    query = select(SupportVisit.id).where(SupportVisit.staff_id == staff.id, SupportVisit.ended_at.is_(None))
    for visit_id in db.session.scalars(query).all():
        tenants.leave()
        try:
            stop(staff, visit_id, apart=True)
        except OperationalError:
            logger.exception("visit %s cannot be ended; it ends with its time", visit_id)


def run_out() -> list[int]:
    """The ids of the open tenants with a visit whose time is over and whose end was not noted yet."""
    over = SupportVisit.ended_at.is_(None), _over(datetime.now(UTC))
    query = select(SupportVisit.tenant_id).join(Tenant, Tenant.id == SupportVisit.tenant_id)
    return list(db.session.scalars(query.where(*over, Tenant.suspended_at.is_(None)).distinct()))


def close_run_out(actor: Actor) -> int:
    """Note the end of the entered tenant's visits whose time is over; how many there were."""
    over = select(SupportVisit).where(
        SupportVisit.tenant_id == actor.tenant_id, SupportVisit.ended_at.is_(None), _over(datetime.now(UTC)),
    )  # fmt: skip
    if not db.session.scalars(over.limit(1)).first():
        return 0
    closed = 0
    with write_transaction() as session:
        for visit in session.scalars(over.with_for_update()):
            visit.ended_at = visit.ends_at
            tenant, staff = session.get(Tenant, visit.tenant_id), session.get(Person, visit.staff_id)
            assert tenant is not None
            assert staff is not None
            visitor = _visitor(tenant, staff.id, staff.name, visit, None, None)
            record(session, visitor, "impersonation.ran_out", "visit", visit.id)
            closed += 1
    return closed
