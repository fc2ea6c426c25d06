"""Bulk jobs: many orders pressed at once, one by one, by the worker. These rows are the truth; the queue only wakes."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from domain.administration import FIRST
from domain.bulk import RUNNING
from domain.message import NOTHING, Message
from models._scoped import refers, to_one
from models._stored import StoredMessage
from models.due import BULK, BringsWork
from models.work_order import WorkOrder
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped


class BulkJob(BringsWork, TenantScoped, Base):
    """One bulk job and who started it. `excl` is what the preview said, in euros; `reason` is why it stopped.
    It bills in one `administration` (models/administration.py), the one that was linked when it began."""

    __tablename__ = "bulk_job"
    __table_args__ = (Index("ix_bulk_job_tenant_id_state", "tenant_id", "state"),)
    administration: Mapped[int] = mapped_column(default=FIRST, server_default="1")
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(Moment)
    started_by_id: Mapped[UUID] = mapped_column(Uuid)
    started_by: Mapped[str] = mapped_column(String(100))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    size: Mapped[int]
    excl: Mapped[Decimal] = mapped_column(Money)

    def work(self, now: datetime) -> tuple[str, datetime] | None:
        """To be carried out, as long as it runs."""
        return (BULK, now) if self.state == RUNNING else None


class BulkItem(TenantScoped, Base):
    """One order of a bulk job. `order_version` is what the preview showed; `lease_until` frees an item of a dead
    worker; `outcome` is the posting's state right after the press, `reason` why it was passed over."""

    __tablename__ = "bulk_item"
    __table_args__ = (
        UniqueConstraint("tenant_id", "job_id", "position"),
        UniqueConstraint("tenant_id", "job_id", "order_id"),
        refers("job_id", "bulk_job"),
        refers("order_id", "work_order"),
        Index("ix_bulk_item_tenant_id_order_id", "tenant_id", "order_id"),
    )
    job_id: Mapped[UUID] = mapped_column(Uuid)
    order_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int]
    order_version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    reason: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    order: Mapped[WorkOrder] = to_one("BulkItem", "order_id", "WorkOrder")
