"""Our books held against theirs: each run, what it counted per month, and what it found that is not the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from domain import differing
from domain.administration import FIRST
from domain.differing import Difference
from domain.message import NOTHING, Message
from domain.reconciliation import Cause, Kind, Stand, is_unproved, may_be_left
from models._scoped import refers, to_one
from models._stored import StoredMessage
from models.due import COMPARE, BringsWork
from models.posting import InvoicePosting
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped

_UNDER_WAY = text("finished_at IS NULL")
_CURRENT = text("state <> 'settled'")
_OPEN = text("state = 'open'")


class Reconciliation(BringsWork, TenantScoped, Base):
    """One time that our invoices were held against theirs, over the days `first` to `last`.

    Without `finished_at` it is under way, and the index lets only one be that. `lease_until`: how long whoever carries
    it out may stay silent; without one it waits for the worker, until `resumes_at` where that is set. `remark`: why it
    waits, or what could not be read. `cause`: domain.reconciliation.Cause. `todo`: the periods that are not read yet;
    empty before they are planned. `calls`: what it cost in all, `calls_that_day` of them on `day`. `busy_ms`: how long
    it was at work. `link_version`: with which credentials. `equal` to `unknown` count invoices as they were found;
    `error` is why there is no result.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (
        Index(
            "uq_reconciliation_open",
            "tenant_id",
            unique=True,
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
        Index("ix_reconciliation_tenant_id_day", "tenant_id", "day"),
    )
    administration: Mapped[int] = mapped_column(default=FIRST)
    cause: Mapped[str] = mapped_column(String(10))
    by: Mapped[str] = mapped_column(String(100), default="")
    by_id: Mapped[UUID | None] = mapped_column(Uuid)
    first: Mapped[date]
    last: Mapped[date]
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    resumes_at: Mapped[datetime | None] = mapped_column(Moment)
    remark: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    link_version: Mapped[int]
    todo: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[date]
    calls: Mapped[int] = mapped_column(default=0)
    calls_that_day: Mapped[int] = mapped_column(default=0)
    busy_ms: Mapped[int] = mapped_column(default=0)
    equal: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)
    error: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)

    @property
    def took(self) -> timedelta:
        """How long it was at work, without what it waited."""
        return timedelta(milliseconds=self.busy_ms)

    @property
    def shown_cause(self) -> Cause:
        """Why it was done."""
        return Cause(self.cause)

    def work(self, now: datetime) -> tuple[str, datetime] | None:
        """To be carried out by the worker: at once, when it goes on, or when whoever is at it falls silent."""
        return (COMPARE, self.lease_until or self.resumes_at or now) if self.finished_at is None else None


class ReconciliationMonth(TenantScoped, Base):
    """What a run counted of one month (its first day): invoices of ours that were dated in it, those of theirs that are
    ours or in our series, and how many were equal; amounts in euros."""

    __tablename__ = "reconciliation_month"
    __table_args__ = (
        refers("run_id", "reconciliation"),
        UniqueConstraint("tenant_id", "run_id", "month", name="uq_reconciliation_month_run"),
    )
    run_id: Mapped[UUID] = mapped_column(Uuid)
    month: Mapped[date]
    ours: Mapped[int] = mapped_column(default=0)
    ours_excl: Mapped[Decimal] = mapped_column(Money, default=0)
    ours_incl: Mapped[Decimal] = mapped_column(Money, default=0)
    theirs: Mapped[int] = mapped_column(default=0)
    theirs_excl: Mapped[Decimal] = mapped_column(Money, default=0)
    theirs_incl: Mapped[Decimal] = mapped_column(Money, default=0)
    equal: Mapped[int] = mapped_column(default=0)


class ReconciliationFinding(TenantScoped, Base):
    """An invoice that does not stand alike in both books (domain.reconciliation.Kind, Stand, How).

    `number` is ours, or theirs when nothing of ours has it (`posting_id` empty); `day` its date. `ours_incl` and
    `theirs_incl` are the totals in euros, where there is one. `since` when it was found first, `seen_at` last, by the
    run `run_id`; `looked_up_at` when it was looked up by itself. An invoice of ours has at most one that is unsettled.
    """

    __tablename__ = "reconciliation_finding"
    __table_args__ = (
        refers("run_id", "reconciliation"),
        refers("posting_id", "invoice_posting"),
        Index(
            "uq_reconciliation_finding_posting",
            "tenant_id",
            "posting_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
        Index(
            "ix_reconciliation_finding_open", "tenant_id", "kind", "since", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
        Index("ix_reconciliation_finding_state", "tenant_id", "state", "id"),
        Index("ix_reconciliation_finding_posting_id", "tenant_id", "posting_id"),
        Index("ix_reconciliation_finding_run_id", "tenant_id", "run_id"),
    )
    administration: Mapped[int] = mapped_column(default=FIRST)
    run_id: Mapped[UUID] = mapped_column(Uuid)
    posting_id: Mapped[UUID | None] = mapped_column(Uuid)
    posting: Mapped[InvoicePosting | None] = to_one("ReconciliationFinding", "posting_id", "InvoicePosting")
    number: Mapped[str] = mapped_column(String(50))
    kind: Mapped[str] = mapped_column(String(12))
    day: Mapped[date]
    differs: Mapped[str] = mapped_column(Text, default="")
    ours_incl: Mapped[Decimal | None] = mapped_column(Money)
    theirs_incl: Mapped[Decimal | None] = mapped_column(Money)
    since: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    looked_up_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(10), default=Stand.OPEN)
    how: Mapped[str] = mapped_column(String(12), default="")
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs, each with both values."""
        return differing.from_text(self.differs)

    @property
    def shown_kind(self) -> Kind:
        """What it is."""
        return Kind(self.kind)

    @property
    def is_unproved(self) -> bool:
        """Whether it is not known yet, or could not be proved, how the invoice stands."""
        return is_unproved(self.kind, self.looked_up_at is not None)

    def may_be_accepted(self, elsewhere: bool) -> bool:
        """Whether somebody may leave it as it is; `elsewhere`: its administration is not linked now."""
        return may_be_left(self.state, self.kind, self.looked_up_at is not None, elsewhere)

    @property
    def shown_state(self) -> Stand:
        """How it stands."""
        return Stand(self.state)
