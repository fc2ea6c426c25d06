"""Visits: who is where and when for an order, and who may see an order because of that."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Index, Numeric, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from domain import visit as rules
from models._scoped import refers, through, to_one
from models._versioned import Versioned
from models.company import Worker
from tenancy.database import Base
from tenancy.fence import TenantScoped

if TYPE_CHECKING:
    from models.work_order import WorkOrder


class Visit(Versioned, TenantScoped, Base):
    """A visit (bezoek): a day, a time, hours and people, each of which may not be known yet. State: domain.visit."""

    __tablename__ = "visit"
    __table_args__ = (
        refers("order_id", "work_order"),
        Index("ix_visit_tenant_id_day", "tenant_id", "day"),
        Index("ix_visit_tenant_id_order_id", "tenant_id", "order_id"),
        Index("ix_visit_tenant_id_state", "tenant_id", "state", "day"),
    )
    order_id: Mapped[UUID] = mapped_column(Uuid)
    day: Mapped[date | None]
    starts_at: Mapped[time | None]
    hours: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    state: Mapped[str] = mapped_column(String(10), default=rules.PLANNED)

    order: Mapped[WorkOrder] = to_one("Visit", "order_id", "WorkOrder")
    workers: Mapped[list[Worker]] = through("Visit", "Worker", "visit_worker", ("visit_id", "worker_id"))

    @property
    def worker(self) -> Worker | None:
        """The one person whom a screen with room for one names."""
        return min(self.workers, key=lambda worker: worker.sort_name, default=None)

    @property
    def firm(self) -> bool:
        """Whether it has a day and a person, and so stands on the board."""
        return self.day is not None and bool(self.workers)


class VisitWorker(TenantScoped, Base):
    """Somebody who goes along on a visit."""

    __tablename__ = "visit_worker"
    __table_args__ = (
        UniqueConstraint("tenant_id", "visit_id", "worker_id"),
        refers("visit_id", "visit"),
        refers("worker_id", "worker"),
    )
    visit_id: Mapped[UUID] = mapped_column(Uuid)
    worker_id: Mapped[UUID] = mapped_column(Uuid)


class OrderWorker(TenantScoped, Base):
    """Somebody who has or had a visit for an order, once however many those were: the mechanic's fence asks here.

    Year and serial are the order's, so that a worker's orders are read by number from an index. Written by
    services/orders/visits.py alone, along with the visits.
    """

    __tablename__ = "order_worker"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "worker_id"),
        refers("order_id", "work_order"),
        refers("worker_id", "worker"),
        Index("ix_order_worker_tenant_id_worker_id", "tenant_id", "worker_id", "year", "serial", "order_id"),
    )
    order_id: Mapped[UUID] = mapped_column(Uuid)
    worker_id: Mapped[UUID] = mapped_column(Uuid)
    year: Mapped[int]
    serial: Mapped[int]
