"""The audit trail: what happened, when, by whom, and on whose behalf. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.database import Base, Moment
from tenancy.fence import TenantScoped


class AuditEntry(TenantScoped, Base):
    """One event. `subject_id` points at the row it is about (an order, a relation, ...), without a foreign key."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_tenant_id_subject_id", "tenant_id", "subject_id"),
        Index("ix_audit_entry_tenant_id_at", "tenant_id", "at"),
    )
    at: Mapped[datetime] = mapped_column(Moment)
    event: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_name: Mapped[str] = mapped_column(String(100))
    on_behalf_of: Mapped[str] = mapped_column(String(100), default="")
    subject: Mapped[str] = mapped_column(String(20), default="")
    subject_id: Mapped[UUID | None] = mapped_column(Uuid)
    subject_name: Mapped[str] = mapped_column(String(150), default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
