"""Invitations to a tenant: a link by mail, good for seven days and once; following it makes a member."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from domain import email_address, one_line
from domain.languages import LANGUAGES
from domain.message import N_, Refusal, msg
from domain.permissions import GRANTED, ROLE_NAMES, Actor, role_note
from models import Mail, Membership, Person, Tenant, Token
from oversight.audit_trail import record
from services import mail
from services.dependencies import Dependencies
from services.people import authentication, passwords, throttle
from services.people.authentication import SignedIn, token_key, valid_token
from services.transaction import stop_reading, write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import enter

PURPOSE = "invitation"
LIFE = timedelta(days=7)
ENOUGH = N_("Er zijn net veel uitnodigingen verstuurd. Wacht %(seconds)s seconden en stuur deze dan nog eens.")
_SPENT = N_("Deze uitnodiging is al gebruikt, ingetrokken of verlopen. Vraag een nieuwe aan wie u uitnodigde.")


@dataclass(frozen=True)
class Pending:
    """An invitation that was not taken yet; `by` is the name of who sent it, empty for one of before that was kept.
    `given_up`: its letter could not be delivered, and is not tried again."""

    id: UUID
    email: str
    role: str
    expires_at: datetime
    expired: bool
    by: str = ""
    given_up: bool = False


@dataclass(frozen=True)
class Taken:
    """An invitation that was taken, by somebody who belongs to the company still."""

    tenant_name: str
    slug: str
    email: str
    language: str  # of the company


@dataclass(frozen=True)
class Followed:
    """What the link of an invitation leads to. `known`: the address has an account with a password already."""

    tenant_name: str
    email: str
    role: str
    known: bool
    language: str  # of the company


def list_(actor: Actor) -> list[Pending]:
    """The invitations of the actor's tenant that still wait or ran out, newest first."""
    now = datetime.now(UTC)
    # a letter is written in the transaction that makes its link, so both have that transaction's moment
    letter = and_(Mail.state == "failed", Mail.created_at == Token.created_at)
    query = (
        select(Token, Person.name, Mail.to_address)
        .outerjoin(Person, Person.id == Token.invited_by)
        .outerjoin(Mail, letter)
        .where(Token.tenant_id == actor.tenant_id, Token.purpose == PURPOSE, Token.used_at.is_(None))
    )
    found: dict[UUID, Pending] = {}
    for row, by, to in db.session.execute(query.order_by(Token.created_at.desc())):
        if row.id:
            email, before = row.email or "", found.get(row.id)
            given_up = to == email_address.on_envelope(email) or bool(before and before.given_up)
            found[row.id] = Pending(row.id, email, row.role or "", row.expires_at, row.expires_at <= now, by or "",
                                    given_up)  # fmt: skip
    return list(found.values())


def invite(deps: Dependencies, actor: Actor, email: str, role: str) -> None:
    """Invite an address to the actor's tenant; an earlier invitation of it stops working. Raises Refusal on "role" or
    "email", also when too many letters went lately, of this tenant or to this address."""
    if role not in ROLE_NAMES:
        raise Refusal(msg("Kies een rol uit de lijst."), "role")
    email = email_address.of_person(email)
    stop_reading()
    throttle.attempt(throttle.letters(actor.tenant_id, email), ENOUGH, "email")
    with write_transaction() as session:
        person = session.scalar(select(Person).where(Person.email == email))
        if person is not None and session.get(Membership, (actor.tenant_id, person.id)) is not None:
            raise Refusal(msg("%(email)s hoort al bij uw bedrijf.", email=email), "email")
        if person is not None and person.is_support:
            raise Refusal(msg("Dit e-mailadres is van onze support; die hoort bij geen enkele klant."), "email")
        _send(session, deps, actor, email, role)
        record(session, actor, "team.invited", "team", None, email, role=role_note(role))


def resend(deps: Dependencies, actor: Actor, invitation_id: UUID) -> str:
    """Send an invitation again under a new link; the old one stops working. Returns the address.
    Raises LookupError, or Refusal when too many letters went lately."""
    to = _mine(db.session(), actor, invitation_id).email or ""
    stop_reading()
    throttle.attempt(throttle.letters(actor.tenant_id, to), ENOUGH)
    with write_transaction() as session:
        row = _mine(session, actor, invitation_id)
        email, role = row.email or "", row.role or ""
        _send(session, deps, actor, email, role)
        record(session, actor, "team.invited", "team", None, email, role=role_note(role))
        return email


def withdraw(actor: Actor, invitation_id: UUID) -> str:
    """Take an invitation back. Returns the address. Raises LookupError."""
    with write_transaction() as session:
        row = _mine(session, actor, invitation_id)
        row.used_at = database_now(session)
        record(session, actor, "team.invitation_withdrawn", "team", None, row.email or "")
        return row.email or ""


def end_of(session: Session, actor: Actor, inviter_id: UUID) -> None:
    """Take back what somebody sent who may not invite any more; in the caller's write transaction."""
    sent = select(Token).where(
        Token.tenant_id == actor.tenant_id, Token.purpose == PURPOSE, Token.invited_by == inviter_id,
        Token.used_at.is_(None),
    )  # fmt: skip
    for row in session.scalars(sent.with_for_update()):
        row.used_at = database_now(session)
        record(session, actor, "team.invitation_withdrawn", "team", None, row.email or "")


def _mine(session: Session, actor: Actor, invitation_id: UUID) -> Token:
    query = select(Token).where(Token.id == invitation_id, Token.tenant_id == actor.tenant_id, Token.used_at.is_(None))
    row = session.scalars(query.where(Token.purpose == PURPOSE).with_for_update()).one_or_none()
    if row is None:
        raise LookupError(invitation_id)
    return row


def offer(session: Session, tenant_id: int, email: str, role: str, by: UUID | None) -> str:
    """Make an invitation in the caller's write transaction; every earlier one of this address stops working. Returns
    the token of its link. `by` is the member who sends it, None when support asks a first owner."""
    same = Token.tenant_id == tenant_id, Token.purpose == PURPOSE, Token.email == email
    now = database_now(session)
    session.execute(update(Token).where(*same, Token.used_at.is_(None)).values(used_at=now))
    token = secrets.token_urlsafe(32)
    row = Token(key=token_key(token), purpose=PURPOSE, id=uuid7(), tenant_id=tenant_id, email=email, role=role,
                invited_by=by, created_at=now, expires_at=now + LIFE)  # fmt: skip
    session.add(row)
    return token


def _send(session: Session, deps: Dependencies, actor: Actor, email: str, role: str) -> None:
    token = offer(session, actor.tenant_id, email, role, actor.person_id)
    known = session.scalar(select(Person.language).where(Person.email == email))
    language = known or session.scalars(select(Tenant.language).where(Tenant.id == actor.tenant_id)).one()
    link = f"{deps.settings.base_url}/invitation/{token}"
    mail.write(session, deps, email, language, "invitation", name=one_line.in_a_letter(actor.person_name),
               tenant=one_line.in_a_letter(actor.tenant_name), role=msg(ROLE_NAMES[role]), link=link)  # fmt: skip


def followed(token: str) -> Followed | None:
    """What a link leads to, or None when it works no longer."""
    row = valid_token(db.session(), token, PURPOSE)
    tenant = db.session.get(Tenant, row.tenant_id) if row else None
    if row is None or tenant is None or tenant.suspended_at is not None:
        return None
    known = select(Person.id).where(Person.email == row.email, Person.password_hash.is_not(None))
    return Followed(tenant.name, row.email or "", row.role or "", db.session.scalar(known) is not None,
                    tenant.language)  # fmt: skip


def taken(token: str) -> Taken | None:
    """Where somebody belongs already who follows the link by which they joined; None for every other link."""
    query = (
        select(Tenant.name, Tenant.slug, Token.email, Tenant.language)
        .join(Tenant, Tenant.id == Token.tenant_id)
        .join(Person, Person.email == Token.email)
        .join(Membership, and_(Membership.tenant_id == Tenant.id, Membership.person_id == Person.id))
        .where(Token.key == token_key(token), Token.purpose == PURPOSE, Token.used_at.is_not(None))
        .where(Tenant.suspended_at.is_(None))
    )
    row = db.session.execute(query).one_or_none()
    return Taken(row.name, row.slug, row.email or "", row.language) if row else None


def accept(token: str, person_id: UUID) -> str:
    """Take an invitation as somebody who is logged in. Returns the tenant's slug. Raises Refusal when the link works
    no longer or was sent to another address."""
    with write_transaction() as session:
        row = _spend(session, token)
        person = session.get(Person, person_id)
        if person is None or person.email != row.email:
            raise Refusal(msg("Deze uitnodiging is voor %(email)s. Log met dat adres in.", email=row.email))
        return _join(session, row, person)


def accept_new(token: str, name: str, password: str, language: str = "") -> tuple[SignedIn, str]:
    """Take an invitation as somebody new. Returns the person and the tenant's slug. `language`: the one they read
    this in; else the company's. Raises Refusal when the link works no longer, or on "name" or "password"."""
    found = followed(token)
    if found is None:
        raise Refusal(msg(_SPENT))
    stop_reading()
    name = one_line.of_person(name)
    passwords.check(password, (name, found.email, found.tenant_name))
    hashed = passwords.hash_password(password)
    with write_transaction() as session:
        row = _spend(session, token)
        person = session.scalar(select(Person).where(Person.email == row.email))
        if person is not None and person.password_hash:
            raise Refusal(msg("U hebt al een account. Log in en volg de link dan nog eens."))
        if person is None:
            person = Person(email=row.email, name="", created_at=database_now(session))
            session.add(person)
        person.name, person.password_hash = name, hashed
        person.language = language if language in LANGUAGES else found.language
        session.flush()
        slug, person_id = _join(session, row, person), person.id
    signed = authentication.person(person_id)
    assert signed is not None
    return signed, slug


def _spend(session: Session, token: str) -> Token:
    row = valid_token(session, token, PURPOSE)
    if row is not None and _sender_may_still(session, row):
        row = valid_token(session, token, PURPOSE, lock=True)
    else:
        row = None
    if row is None:
        raise Refusal(msg(_SPENT))
    row.used_at = database_now(session)
    return row


def _sender_may_still(session: Session, row: Token) -> bool:
    """Whether who sent an invitation may invite to this day; locked before the invitation, as removing somebody locks
    them. Of one without a sender it was not kept yet, or support sent it to the first owner."""
    if row.invited_by is None:
        return True
    of = Membership.tenant_id == row.tenant_id, Membership.person_id == row.invited_by
    role = session.scalar(select(Membership.role).where(*of).with_for_update(read=True))
    return "team:write" in GRANTED.get(role or "", ())


def _join(session: Session, row: Token, person: Person) -> str:
    tenant = session.get(Tenant, row.tenant_id)
    if tenant is None or tenant.suspended_at is not None or person.is_support or row.role is None:
        raise Refusal(msg(_SPENT))
    if session.get(Membership, (tenant.id, person.id)) is None:
        session.add(Membership(tenant_id=tenant.id, person_id=person.id, role=row.role))
    enter(session, tenant.id)
    actor = Actor(tenant.id, tenant.slug, tenant.name, person.id, person.name, row.role)
    record(session, actor, "team.joined", "team", person.id, person.email, role=role_note(row.role))
    return tenant.slug
