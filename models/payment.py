"""How invoices stand with their payment, as the bookkeeping told it last."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from domain.administration import FIRST
from models._scoped import refers, to_one
from models.posting import InvoicePosting
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped


class Payment(TenantScoped, Base):
    """Of a posted invoice whether it is paid (domain.payment.Paid, but for LATE), once the bookkeeping was asked. In a
    table of its own, for a press writes nothing of this.

    `outstanding` is what is still to be paid in euros, None when that is not known; `due_on` the last day, by their
    date and term. `was_open`: it was among the open items once, under `relation_code`. It stands so since `since`; of
    an unknown one `known_at` is when it was known last. `relation_id` is the customer of the orders that it bills.
    """

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("tenant_id", "posting_id"),
        refers("posting_id", "invoice_posting"),
        refers("relation_id", "relation"),
        Index("ix_payment_tenant_id_state", "tenant_id", "state", "due_on"),
        Index("ix_payment_tenant_id_relation_id", "tenant_id", "relation_id", "state"),
    )
    posting_id: Mapped[UUID] = mapped_column(Uuid)
    posting: Mapped[InvoicePosting] = to_one("Payment", "posting_id", "InvoicePosting")
    administration: Mapped[int] = mapped_column(default=FIRST)
    relation_id: Mapped[UUID | None] = mapped_column(Uuid)
    relation_code: Mapped[str] = mapped_column(String(15), default="")
    state: Mapped[str] = mapped_column(String(10))
    outstanding: Mapped[Decimal | None] = mapped_column(Money)
    due_on: Mapped[date | None]
    was_open: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime] = mapped_column(Moment)
    known_at: Mapped[datetime | None] = mapped_column(Moment)
