"""The link with the bookkeeping: credentials, invoice settings, cached ledger accounts, sync history."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from domain import ledger, vat
from domain.administration import FIRST
from domain.link import LinkState
from domain.message import NOTHING, Message
from domain.questions import ASK_ABOVE
from models._stored import StoredMessage
from models._versioned import Versioned
from models.account import Tenant
from models.due import READ, BringsWork
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped


class Connection(Versioned, TenantScoped, Base):
    """The link (koppeling), one row a tenant.

    state: inactive, active or broken (domain.link); `enabled` is whether the tenant uses the link at all, and
    `shown_state` is the two in one.
    `version` rises with every change of credentials, so that sessions made with older ones are never used again.
    `administration_number` is the administration that the link was last started with (models/administration.py), and
    `administration` its name. The sealed codes are ciphertext, bound to this row. Until `paused_until` they take no
    calls, as far as we know.
    Since `behind_since` the books are known to hold invoices of ours that this database does not know: nothing is sent
    until it knows all of those dated `look_back_from` or later. `look_back_since` is the tenant's, read along.
    `settings_of` is the administration that `template`, `term_days` and the line defaults were chosen for: in another
    one they are a proposal.
    `ask_above`: an invoice of more euros, including VAT, is asked about once more.
    """

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("tenant_id"),)
    enabled: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=LinkState.INACTIVE)
    username: Mapped[str] = mapped_column(String(55), default="")
    code1_sealed: Mapped[str] = mapped_column(Text, default="")
    code2_sealed: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    active_since: Mapped[datetime | None] = mapped_column(Moment)
    administration: Mapped[str] = mapped_column(String(150), default="")
    administration_number: Mapped[int] = mapped_column(default=FIRST, server_default="1")
    broken_code: Mapped[str] = mapped_column(String(20), default="")
    broken_at: Mapped[datetime | None] = mapped_column(Moment)
    paused_until: Mapped[datetime | None] = mapped_column(Moment)
    behind_since: Mapped[datetime | None] = mapped_column(Moment)
    look_back_from: Mapped[date | None]
    if TYPE_CHECKING:
        look_back_since: Mapped[datetime | None]

    settings_of: Mapped[int] = mapped_column(default=FIRST, server_default="1")
    template: Mapped[str] = mapped_column(String(50), default="Factuursjabloon")
    term_days: Mapped[int] = mapped_column(default=14)
    ask_above: Mapped[Decimal] = mapped_column(Money, default=ASK_ABOVE)
    sync_relations: Mapped[bool] = mapped_column(default=True)

    @property
    def shown_state(self) -> LinkState:
        """How the link stands, for who shows it or acts on it."""
        return LinkState(self.state) if self.enabled else LinkState.OFF

    @property
    def settings_wait(self) -> bool:
        """Whether nobody chose the invoice settings for the administration that is linked."""
        return self.settings_of != self.administration_number

    @property
    def shown_behind_since(self) -> datetime | None:
        """`behind_since` for who tells people of it: nothing while the link is off, for then nobody can do a thing."""
        return self.behind_since if self.enabled else None


# of every reading of the link, so that a press asks nothing more for it
_MARK = select(Tenant.look_back_since).where(Tenant.id == Connection.tenant_id).correlate_except(Tenant)
Connection.look_back_since = column_property(_MARK.scalar_subquery())


class LineDefault(Versioned, TenantScoped, Base):
    """Which code, ledger account and VAT code a kind of line carries when nothing else says so."""

    __tablename__ = "line_default"
    __table_args__ = (UniqueConstraint("tenant_id", "kind"),)
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(50), default="")
    ledger_code: Mapped[str] = mapped_column(String(10), default="")
    vat_code: Mapped[str] = mapped_column(String(12), default=vat.HIGH)


class LedgerAccount(TenantScoped, Base):
    """A ledger account read from the bookkeeping, to pick from; `category` is one of domain.ledger."""

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)
    code: Mapped[str] = mapped_column(String(10))
    description: Mapped[str] = mapped_column(String(150), default="")
    category: Mapped[str] = mapped_column(String(20), default=ledger.OTHER)


class SyncRun(BringsWork, TenantScoped, Base):
    """One synchronisation: when, by whom, what changed, whether it was complete, or why it failed.

    Without `finished_at` it is under way, and the index lets only one of a kind be that. `lease_until` is how long
    whoever reads it may stay silent; without one it waits for the worker. `calls` and `found` are how far the reading
    is; rows are stored in batches, each counted as it is written, so one that failed says what it had stored by then.
    `remark` names records that could not be taken as they stood.
    """

    __tablename__ = "sync_run"
    __table_args__ = (
        Index("ix_sync_run_tenant_id_started_at", "tenant_id", "started_at"),
        Index(
            "uq_sync_run_open",
            "tenant_id",
            "what",
            unique=True,
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
    )
    what: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(100), default="")
    by_id: Mapped[UUID | None] = mapped_column(Uuid)
    calls: Mapped[int] = mapped_column(default=0, server_default="0")
    found: Mapped[int] = mapped_column(default=0, server_default="0")
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    vanished: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    complete: Mapped[bool] = mapped_column(default=True)
    error_code: Mapped[str] = mapped_column(String(20), default="")
    error: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    remark: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING, server_default="")

    @property
    def wrote(self) -> bool:
        """Whether it changed something here."""
        return self.added + self.changed + self.vanished > 0

    @property
    def compared(self) -> int:
        """How many of the rows found are in step with ours by now."""
        return self.added + self.changed + self.unchanged

    def work(self, now: datetime) -> tuple[str, datetime] | None:
        """To be read by the worker: at once, or when whoever reads it falls silent."""
        return (READ, self.lease_until or now) if self.finished_at is None else None
