"""The global tables: tenants, people, who belongs where, and their sessions. No tenant's content is in here."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, Uuid, false, text, true
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from domain.languages import DUTCH
from domain.link import LinkState
from domain.message import NOTHING, Message
from models._sorted import Sorted
from models._stored import StoredMessage
from models._versioned import Versioned
from tenancy.database import Base, BigId, Moment

GOING_ON = text("ended_at IS NULL")


class Tenant(Versioned, Sorted, Base):
    """A craft business that uses Crafter (klant). What it lets support do stands here, where support can see it before
    stepping in: look along, and act on somebody's behalf until a moment.

    `look_back_since`: since then this database may be an older copy of itself, so nothing is sent to the bookkeeping
    before somebody looked there (services/invoicing/looking_back.py). It stands here and not beside the link, because
    it is written for all tenants at once."""

    __tablename__ = "tenant"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Moment)
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    support_reading: Mapped[bool] = mapped_column(default=True, server_default=true())
    support_acting_until: Mapped[datetime | None] = mapped_column(Moment)
    suspended_reason: Mapped[str] = mapped_column(String(300), default="", server_default="")
    language: Mapped[str] = mapped_column(String(5), default=DUTCH, server_default=DUTCH)  # of who joins it
    look_back_since: Mapped[datetime | None] = mapped_column(Moment)
    factor_for_all: Mapped[bool] = mapped_column(default=False, server_default=false())  # else of owners only


class Person(Versioned, Sorted, Base):
    """Somebody who can log in. Support staff hold no membership."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(String(150), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_support: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(5), default=DUTCH, server_default=DUTCH)
    created_at: Mapped[datetime] = mapped_column(Moment)
    # The second factor: the secret is sealed; `totp_since` empty means set up but not confirmed, begun at
    # `totp_begun_at`; the last accepted time step is kept so that a code opens once.
    totp_sealed: Mapped[str | None] = mapped_column(String(300))
    totp_since: Mapped[datetime | None] = mapped_column(Moment)
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    totp_begun_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(Base):
    """A code on paper that opens once when the phone is gone. Only its hash is kept, one of a password, and its first
    four letters, by which it is found. Without those it is of before 0030: a SHA-256 of all."""

    __tablename__ = "recovery_code"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), index=True)
    key: Mapped[str] = mapped_column(String(120))
    start: Mapped[str] = mapped_column(String(4), default="", server_default="")
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Membership(Versioned, Base):
    """A person's role in a tenant. `unwanted`: the kinds of letters they do not want of it (domain/notices.py), apart
    by spaces."""

    __tablename__ = "membership"
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))
    unwanted: Mapped[str] = mapped_column(String(200), default="", server_default="")


class LoginSession(Base):
    """A session row, so that logging out ends it. `key` is the SHA-256 of the cookie's random token; `id` is its
    name in a URL (rows of before 0003 have none and can only be ended all together)."""

    __tablename__ = "login_session"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[UUID | None] = mapped_column(Uuid, unique=True, default=uuid7)
    device: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING, server_default="")
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    data: Mapped[str] = mapped_column(Text, default="{}")
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Token(Base):
    """A single-use link (first owner, invitation, reset); only its hash is kept. An invitation names the tenant, the
    address and the role instead of a person, who may not exist yet, and who of the tenant sent it; `id` is its name
    in a URL."""

    __tablename__ = "token"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    tenant_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tenant.id"), index=True)
    email: Mapped[str | None] = mapped_column(String(150))
    role: Mapped[str | None] = mapped_column(String(20))
    invited_by: Mapped[UUID | None] = mapped_column(Uuid)
    created_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Base):
    """Failed attempts per account or address, shared by all processes."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment, index=True)


class SupportVisit(Base):
    """Support staff stepping in as a tenant: who, why, how (`mode` reading or acting), from when until when.

    `subject_id` is the member on whose behalf they act; empty means the company itself, with the rights of the office.
    `broke_glass` says that the tenant had switched looking along off.
    """

    __tablename__ = "support_visit"
    __table_args__ = (
        Index("ix_support_visit_tenant_id_started_at", "tenant_id", "started_at"),
        Index("ix_support_visit_staff_id_started_at", "staff_id", "started_at"),
        Index("ix_support_visit_going_on", "ends_at", sqlite_where=GOING_ON, postgresql_where=GOING_ON),
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"))
    staff_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(300))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    mode: Mapped[str] = mapped_column(String(10), default="reading", server_default="reading")
    ticket: Mapped[str] = mapped_column(String(60), default="", server_default="")
    broke_glass: Mapped[bool] = mapped_column(default=False, server_default=false())
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    subject_name: Mapped[str] = mapped_column(String(100), default="", server_default="")


class TenantStatus(Base):
    """Counts that support and the monitoring may see without entering a tenant; no content. The counts of postings are
    the worker's; while a tenant's postings move (models/due.py) they may be a minute old.

    `claimed_night` is the night a worker took this tenant's nightly sync for, so that no two workers run it. `seals`
    is how many seals its audit trail has: one that was taken off the end is missed.
    """

    __tablename__ = "tenant_status"
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"), primary_key=True)
    link_state: Mapped[str] = mapped_column(String(20), default=LinkState.OFF)
    synced_at: Mapped[datetime | None] = mapped_column(Moment)
    refused: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[int] = mapped_column(default=0)
    sending: Mapped[int] = mapped_column(default=0, server_default="0")
    not_sent: Mapped[int] = mapped_column(default=0, server_default="0")
    conflict: Mapped[int] = mapped_column(default=0, server_default="0")
    gone: Mapped[int] = mapped_column(default=0, server_default="0")
    claimed_night: Mapped[date | None]
    seals: Mapped[int] = mapped_column(default=0, server_default="0")
