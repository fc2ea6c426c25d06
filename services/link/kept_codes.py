"""The codes of an administration that was left, kept as long as something is open there: to look it up and read it
back, and for nothing else (Credentials.only_look_up). They are erased when the last of it has ended, when they are
refused, when the administration is linked again, or when the owner says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain import administration as rules
from domain import leaving
from domain import posting as states
from domain.message import Message
from domain.permissions import Actor
from gateways.bookkeeping import Credentials
from models import Administration, InvoicePosting
from oversight.audit_trail import record
from services.dependencies import Dependencies
from services.link import administrations
from services.sealing import CannotUnseal, seal, unseal
from tenancy.clock import database_now
from tenancy.database import db


def place(row: Administration, field: str) -> str:
    """What a sealed code of this row is bound to (services/sealing.py)."""
    return f"administration.{field}:{row.tenant_id}:{row.id}"


def keep(session: Session, deps: Dependencies, actor: Actor, present: Credentials) -> None:
    """Keep the codes of the locked link, which it is about to lose, when something waits in their administration."""
    row = _of(session, present.administration)
    if row is None or not waits(session, row.number):
        return
    keys = deps.settings.credentials_keys
    row.username, row.kept_version, row.kept_at = present.username, present.version, database_now(session)
    row.code1_sealed = seal(keys, present.code1.reveal(), place(row, "code1"))
    row.code2_sealed = seal(keys, present.code2.reveal(), place(row, "code2"))
    record(session, actor, "connection.codes_kept", administration=row.label or row.username)


def erase(session: Session, actor: Actor | str, administration: int, why: Message) -> None:
    """Throw the kept codes of an administration away, if there are any; the link is locked."""
    row = _of(session, administration, only_kept=True)
    if row is None:
        return
    row.code1_sealed = row.code2_sealed = ""
    row.kept_at = row.paused_until = None
    if row.left_at is not None:
        row.posted = administrations.count_posted(session, row.number)
    record(session, actor, "connection.kept_erased", administration=row.label or row.username, why=why)


def kept() -> Sequence[Administration]:
    """The administrations whose codes are kept."""
    return db.session.scalars(_kept()).all()


def _kept() -> Select[Administration]:
    return select(Administration).where(Administration.kept_at.is_not(None)).order_by(Administration.number)


def can_ask(administration: int) -> bool:
    """Whether the codes of that administration are kept."""
    return _of(db.session(), administration, only_kept=True) is not None


def credentials_of(deps: Dependencies, administration: int) -> Credentials | None:
    """The kept credentials of that administration, only to look up with; None when none are kept, or they do not open
    it: the Guid among them says of which administration they are."""
    row = _of(db.session(), administration, only_kept=True)
    if row is None:
        return None
    keys = deps.settings.credentials_keys
    try:
        code1 = unseal(keys, row.code1_sealed, place(row, "code1"))
        code2 = unseal(keys, row.code2_sealed, place(row, "code2"))
        known = unseal(keys, row.fingerprint_sealed, administrations.place(row)).reveal()
    except CannotUnseal:
        return None
    if rules.fingerprint(row.username, code1.reveal(), code2.reveal()) != known:
        return None
    return Credentials(row.tenant_id, row.kept_version, row.username, code1, code2, row.number, only_look_up=True)


def still(session: Session, credentials: Credentials) -> Administration | None:
    """The administration whose kept codes these are, when they are still kept; the link is locked."""
    row = _of(session, credentials.administration, only_kept=True)
    return row if row is not None and row.kept_version == credentials.version else None


def paused_until(administration: int) -> datetime | None:
    """Until when that administration takes no calls by its kept codes, as it said."""
    row = _of(db.session(), administration, only_kept=True)
    return None if row is None else row.paused_until


def waits(session: Session, administration: int) -> bool:
    """Whether something is open in that administration that has to be looked up or read back there."""
    return _is_open(session, administration) or bool(unread(session, administration, most=1))


def waits_for_a_person(session: Session, administration: int) -> bool:
    """Whether something is open there, and nothing is to be read back."""
    return _is_open(session, administration) and not unread(session, administration, most=1)


def _is_open(session: Session, administration: int) -> bool:
    here = InvoicePosting.administration == administration
    open_ = select(InvoicePosting.id).where(InvoicePosting.state.in_(leaving.LOOKED_UP), here)
    return session.scalars(open_.limit(1)).first() is not None


def unread(session: Session, administration: int, most: int) -> Sequence[UUID]:
    """The invoices that were posted there lately and never read back, the oldest first."""
    return session.scalars(never_read_back(database_now(session), administration).limit(most)).all()


def never_read_back(now: datetime, administration: int) -> Select[UUID]:
    """The ids of those."""
    since = now - leaving.READ_BACK_WITHIN
    query = select(InvoicePosting.id).where(
        InvoicePosting.state == states.POSTED,
        InvoicePosting.settled_at > since,
        InvoicePosting.administration == administration,
        InvoicePosting.remote_incl.is_(None),
        InvoicePosting.read_back_at.is_(None),
    )
    return query.order_by(InvoicePosting.settled_at, InvoicePosting.id)


def _of(session: Session, administration: int, only_kept: bool = False) -> Administration | None:
    query = select(Administration).where(Administration.number == administration)
    if only_kept:
        query = query.where(Administration.kept_at.is_not(None))
    return session.scalars(query).one_or_none()
