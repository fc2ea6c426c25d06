"""The audit trail: what happened, when, by whom and on whose behalf; and the seals over it. Rows are only added."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, UniqueConstraint, Uuid, event, text
from sqlalchemy.orm import Mapped, mapped_column

from models.due import SEAL, BringsWork
from tenancy.database import Base, Moment
from tenancy.fence import TenantScoped

MARGIN = timedelta(minutes=1)  # what is younger is left for the next seal


class AppendOnly(RuntimeError):
    """A row of the audit trail was about to be changed or removed."""


_ON_A_VISIT = text("visit_id IS NOT NULL")
_FOR_SOMEBODY = text("on_behalf_of > ''")


class TenantAnchor(TenantScoped, Base):
    """One row a tenant, which every entry of its trail refers to and so holds shared until its commit: who makes a seal
    locks it, and nobody is halfway then. A row of its own, so that nobody who changes a tenant waits for that."""

    __tablename__ = "tenant_anchor"
    __table_args__ = (UniqueConstraint("tenant_id"),)


class AuditEntry(BringsWork, TenantScoped, Base):
    """One event. `subject_id` points at the row it is about (an order, a relation, ...), without a foreign key.

    During a visit of support `person_id` is the staff member, `on_behalf_of` (and its id, when it is a person) whom
    they look along with or act for, and `visit_id` the visit.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenant_anchor.tenant_id"], name="fk_audit_entry_anchor"),
        Index("ix_audit_entry_tenant_id_subject_id", "tenant_id", "subject_id"),
        Index("ix_audit_entry_tenant_id_at", "tenant_id", "at"),
        Index("ix_audit_entry_tenant_id_event", "tenant_id", "event", "at"),
        Index("ix_audit_entry_tenant_id_visit_id", "tenant_id", "visit_id"),
        Index("ix_audit_entry_person_name", "tenant_id", "person_name", "at"),
        Index(
            "ix_audit_entry_on_behalf_of",
            "tenant_id",
            "on_behalf_of",
            "at",
            sqlite_where=_FOR_SOMEBODY,
            postgresql_where=_FOR_SOMEBODY,
        ),
        Index("ix_audit_entry_visits", "tenant_id", "at", sqlite_where=_ON_A_VISIT, postgresql_where=_ON_A_VISIT),
    )
    at: Mapped[datetime] = mapped_column(Moment)
    event: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_name: Mapped[str] = mapped_column(String(100))
    on_behalf_of: Mapped[str] = mapped_column(String(100), default="")
    on_behalf_of_id: Mapped[UUID | None] = mapped_column(Uuid)
    visit_id: Mapped[UUID | None] = mapped_column(Uuid)
    subject: Mapped[str] = mapped_column(String(20), default="")
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    subject_name: Mapped[str] = mapped_column(String(150), default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    def work(self, now: datetime) -> tuple[str, datetime]:
        """To be sealed, once it is old enough."""
        return SEAL, self.at + MARGIN


class AuditSeal(TenantScoped, Base):
    """A seal over every entry after one moment (`after`, empty for the first seal) through another, chained to the
    seal before by its hash. `key_version` names the key of the hash (settings.audit_keys)."""

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("tenant_id", "number", name="uq_audit_seal_tenant_id_number"),)
    number: Mapped[int]
    after: Mapped[datetime | None] = mapped_column(Moment)
    through: Mapped[datetime] = mapped_column(Moment)
    first_id: Mapped[UUID] = mapped_column(Uuid)
    last_id: Mapped[UUID] = mapped_column(Uuid)
    count: Mapped[int]
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    key_version: Mapped[str] = mapped_column(String(20))
    sealed_at: Mapped[datetime] = mapped_column(Moment)


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
@event.listens_for(AuditSeal, "before_update")
@event.listens_for(AuditSeal, "before_delete")
def _never(_mapper: object, _connection: object, row: object) -> None:
    raise AppendOnly(f"a {type(row).__name__} is written once and stays")
