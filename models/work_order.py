"""Work orders and their lines."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from domain import billing
from domain.money import line_total
from domain.numbering import taken_apart
from domain.vat import Totals, add_up
from models._scoped import refers, to_many, to_one
from models.billing import BillingClaim
from models.catalogue import Location, Relation
from models.company import Worker
from tenancy.database import Base, Moment
from tenancy.fence import TenantScoped

_WHOLE_NOW = (
    "and_(WorkOrder.tenant_id == BillingClaim.tenant_id, WorkOrder.id == foreign(BillingClaim.order_id), "
    "WorkOrder.billing_round == BillingClaim.round, BillingClaim.share == 'whole', BillingClaim.released_at == None)"
)


class WorkOrder(TenantScoped, Base):
    """A work order (werkbon). `version` counts changes, so that an older form never overwrites a newer one.

    `billing` is how far it is billed (domain.billing) in its round `billing_round`; services/invoicing/claims.py alone
    writes it. `live_claim` is the claim on the whole of it in that round.
    """

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        refers("relation_id", "relation"),
        refers("location_id", "location"),
        refers("worker_id", "worker"),
        Index("ix_work_order_billing", "tenant_id", "state", "billing", "approved_at"),
        Index("ix_work_order_tenant_id_state", "tenant_id", "state", "year", "serial"),
        Index("ix_work_order_tenant_id_year", "tenant_id", "year", "serial"),
        Index("ix_work_order_tenant_id_planned_on", "tenant_id", "planned_on"),
        Index("ix_work_order_tenant_id_relation_id", "tenant_id", "relation_id"),
        Index("ix_work_order_tenant_id_worker_id", "tenant_id", "worker_id"),
    )
    number: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    serial: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    title: Mapped[str] = mapped_column(String(150))
    relation_id: Mapped[UUID | None] = mapped_column(Uuid)
    location_id: Mapped[UUID | None] = mapped_column(Uuid)
    worker_id: Mapped[UUID | None] = mapped_column(Uuid)
    planned_on: Mapped[date | None]
    planned_from: Mapped[time | None]
    planned_hours: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    executed_on: Mapped[date | None]
    description: Mapped[str] = mapped_column(Text, default="")
    work_done: Mapped[str] = mapped_column(Text, default="")
    office_note: Mapped[str] = mapped_column(Text, default="")
    not_billable_reason: Mapped[str] = mapped_column(String(300), default="")
    billing: Mapped[str] = mapped_column(String(12), default=billing.NONE)
    billing_round: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    total_excl: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0))
    version: Mapped[int] = mapped_column(default=1)

    relation: Mapped[Relation | None] = to_one("WorkOrder", "relation_id", "Relation")
    location: Mapped[Location | None] = to_one("WorkOrder", "location_id", "Location")
    worker: Mapped[Worker | None] = to_one("WorkOrder", "worker_id", "Worker")
    live_claim: Mapped[BillingClaim | None] = relationship(
        "BillingClaim", primaryjoin=_WHOLE_NOW, lazy="raise_on_sql", viewonly=True, uselist=False
    )
    lines: Mapped[list[WorkOrderLine]] = to_many("WorkOrder", "WorkOrderLine", "order_id", "WorkOrderLine.position")

    @validates("number")
    def _take_apart(self, _name: str, number: str) -> str:
        self.year, self.serial = taken_apart(number)
        return number

    @property
    def totals(self) -> Totals:
        """The lines added up."""
        return add_up((line.vat_code, line.total) for line in self.lines)


BY_NUMBER = (WorkOrder.year, WorkOrder.serial)  # what every list of orders is sorted by; as text 10002 precedes 9999


class WorkOrderLine(TenantScoped, Base):
    """One line of a work order; price in euros excluding VAT."""

    __tablename__ = "work_order_line"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "position"),
        refers("order_id", "work_order"),
        refers("article_id", "article"),
    )
    order_id: Mapped[UUID] = mapped_column(Uuid)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    article_id: Mapped[UUID | None] = mapped_column(Uuid)
    code: Mapped[str] = mapped_column(String(50), default="")
    description: Mapped[str] = mapped_column(String(500))
    quantity: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    unit: Mapped[str] = mapped_column(String(50), default="")
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    vat_code: Mapped[str] = mapped_column(String(12), default="")
    ledger_code: Mapped[str] = mapped_column(String(10), default="")

    @property
    def total(self) -> Decimal:
        """Quantity times price in euros, rounded to cents."""
        return line_total(self.quantity, self.price)
