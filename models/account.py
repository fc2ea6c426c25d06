"""The global tables: tenants, people, who belongs where, and their sessions. No tenant's content is in here."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from tenancy.database import Base, BigId, Moment


class Tenant(Base):
    """A craft business that uses Crafter (klant)."""

    __tablename__ = "tenant"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(Moment)
    suspended_at: Mapped[datetime | None] = mapped_column(Moment)
    is_demo: Mapped[bool] = mapped_column(default=False)


class Person(Base):
    """Somebody who can log in. Support staff hold no membership."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(String(150), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_support: Mapped[bool] = mapped_column(default=False)
    is_demo: Mapped[bool] = mapped_column(default=False)
    theme: Mapped[str] = mapped_column(String(10), default="auto")
    created_at: Mapped[datetime] = mapped_column(Moment)


class Membership(Base):
    """A person's role in a tenant."""

    __tablename__ = "membership"
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(20))


class LoginSession(Base):
    """A session row, so that logging out ends it. `key` is the SHA-256 of the cookie's random token."""

    __tablename__ = "login_session"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    data: Mapped[str] = mapped_column(Text, default="{}")
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Token(Base):
    """A single-use link (first owner, later invitations and resets); only its hash is kept."""

    __tablename__ = "token"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Base):
    """Failed attempts per account or address, shared by all processes."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment)


class SupportVisit(Base):
    """Support staff stepping in as a tenant: who, why, from when until when."""

    __tablename__ = "support_visit"
    __table_args__ = (Index("ix_support_visit_tenant_id_started_at", "tenant_id", "started_at"),)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"))
    staff_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(300))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ends_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class TenantStatus(Base):
    """Counts that support may see without entering a tenant; no content.

    `claimed_night` is the night a worker took this tenant's nightly sync for, so that no two workers run it.
    """

    __tablename__ = "tenant_status"
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"), primary_key=True)
    link_state: Mapped[str] = mapped_column(String(20), default="off")
    synced_at: Mapped[datetime | None] = mapped_column(Moment)
    refused: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None] = mapped_column(Moment)
    claimed_night: Mapped[date | None]
