"""What of which order a posting bills. The keys hold that nothing is billed twice, whatever the code above does."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Numeric,
    ScalarSelect,
    String,
    UniqueConstraint,
    Uuid,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models._scoped import refers, to_one
from models.posting import InvoicePosting
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped

_ROUND = ("tenant_id", "order_id", "round")


class BillingRound(TenantScoped, Base):
    """A round of an order's billing, 1 and up, and its manner (domain.billing: whole or terms, and then how many)."""

    __tablename__ = "billing_round"
    __table_args__ = (
        UniqueConstraint(*_ROUND),
        UniqueConstraint(*_ROUND, "manner"),  # for live claims to point at
        refers("order_id", "work_order"),
    )
    order_id: Mapped[UUID] = mapped_column(Uuid)
    round: Mapped[int]
    manner: Mapped[str] = mapped_column(String(6))
    terms: Mapped[int] = mapped_column(default=0)


class BillingClaim(TenantScoped, Base):
    """A share of an order (domain.billing.Share) that a posting bills or credits, until it is released.

    A share is claimed once at a time: the index on live claims. A live claim that bills carries its round's manner, and
    a key holds the two together, so that an order is never billed whole and in terms; a credit and a released claim
    carry none.
    """

    __tablename__ = "billing_claim"
    __table_args__ = (
        UniqueConstraint("tenant_id", "posting_id", "order_id"),
        refers("posting_id", "invoice_posting"),
        refers("order_id", "work_order"),
        ForeignKeyConstraint(_ROUND, [f"billing_round.{column}" for column in _ROUND]),
        ForeignKeyConstraint([*_ROUND, "manner"], [f"billing_round.{column}" for column in (*_ROUND, "manner")]),
        CheckConstraint(
            "(manner = 'whole' AND share = 'whole' AND released_at IS NULL) OR "
            "(manner = 'terms' AND share LIKE 'term:%' AND released_at IS NULL) OR "
            "(manner IS NULL AND (released_at IS NOT NULL OR share LIKE 'credit:%'))",
            name="manner_of_a_live_claim",
        ),
        # `released_at IS NULL` is written alike by both databases and by our queries, so that both use the index
        Index(
            "uq_billing_claim_live",
            *_ROUND,
            "share",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_billing_claim_tenant_id_order_id", "tenant_id", "order_id"),
    )
    posting_id: Mapped[UUID] = mapped_column(Uuid)
    order_id: Mapped[UUID] = mapped_column(Uuid)
    round: Mapped[int]
    manner: Mapped[str | None] = mapped_column(String(6))
    share: Mapped[str] = mapped_column(String(40))
    released_at: Mapped[datetime | None] = mapped_column(Moment)
    posting: Mapped[InvoicePosting] = to_one("BillingClaim", "posting_id", "InvoicePosting")


class BillingTerm(TenantScoped, Base):
    """A term of an order before the last, as agreed (domain/terms.py): `n` from 1, and either a percentage of the
    order's `agreed_excl` or an amount in euros excluding VAT. Changed with the order locked, whose version counts."""

    __tablename__ = "billing_term"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "n"),
        refers("order_id", "work_order"),
        CheckConstraint("(percent IS NULL) <> (amount IS NULL)", name="percent_or_amount"),
    )
    order_id: Mapped[UUID] = mapped_column(Uuid)
    n: Mapped[int]
    label: Mapped[str] = mapped_column(String(50))
    percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    amount: Mapped[Decimal | None] = mapped_column(Money)


def first_billed() -> ScalarSelect[UUID]:
    """In a query of postings joined with their orders: the id of the first order that the posting bills, so that each
    posting is there once."""
    query = select(BillingClaim.order_id).where(BillingClaim.posting_id == InvoicePosting.id)
    return query.order_by(BillingClaim.order_id).limit(1).correlate(InvoicePosting).scalar_subquery()
