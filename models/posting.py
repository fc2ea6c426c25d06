"""Invoice postings: the intent, its attempts, and the number series. Rows here are the truth about what was sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from domain import posting as states
from domain.administration import FIRST
from domain.invoice import PAYLOAD_VERSION
from domain.message import NOTHING, Message
from domain.numbering import found_by
from models._scoped import refers, through, to_many, to_one
from models._sorted import by_code
from models._stored import StoredMessage
from models.due import POSTINGS, BringsWork
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped

if TYPE_CHECKING:
    from models.work_order import WorkOrder


class NumberSeries(TenantScoped, Base):
    """A counter: kind (work_order, invoice), prefix and year; `next` is the serial given out next.

    `administration`: in whose books its numbers are (models/administration.py); 1 for work orders, which are ours.
    """

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("tenant_id", "administration", "kind", "prefix", "year"),)
    administration: Mapped[int] = mapped_column(default=FIRST)
    kind: Mapped[str] = mapped_column(String(12))
    prefix: Mapped[str] = mapped_column(String(10), default="")
    year: Mapped[int]
    next: Mapped[int] = mapped_column(default=1)
    current: Mapped[bool] = mapped_column(default=True)


class InvoiceNumber(TenantScoped, Base):
    """Every invoice number ever issued, in exactly one state: held, posted, free, taken, void."""

    __tablename__ = "invoice_number"
    __table_args__ = (
        UniqueConstraint("tenant_id", "administration", "number"),
        Index("ix_invoice_number_tenant_id_state", "tenant_id", "state", "id"),
        Index("ix_invoice_number_series", "tenant_id", "prefix", "year", "serial"),
        # there is seldom one, and every press asks: by the series it would read all of the year
        Index(
            "ix_invoice_number_free",
            "tenant_id",
            "prefix",
            "year",
            sqlite_where=text("state = 'free'"),
            postgresql_where=text("state = 'free'"),
        ),
    )
    administration: Mapped[int] = mapped_column(default=FIRST)
    number: Mapped[str] = mapped_column(String(50))
    prefix: Mapped[str] = mapped_column(String(10))
    year: Mapped[int]
    serial: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    changed_at: Mapped[datetime] = mapped_column(Moment)


# at most one: a credit claims that of the posting it corrects (models/billing.py), until it is abandoned
_CREDITS_IT = (
    "and_(foreign(remote(InvoicePosting.tenant_id)) == InvoicePosting.tenant_id, "
    "foreign(remote(InvoicePosting.corrects_id)) == InvoicePosting.id, "
    "remote(InvoicePosting.state) != 'abandoned')"
)


class InvoicePosting(BringsWork, TenantScoped, Base):
    """The intent to post one invoice, and what became of it. Money in euros. Which orders it bills: models/billing.py.

    kind: invoice, or the credit of the posting `corrects_id`; `credited_by` is that of this one.
    `payload` is the frozen invoice, written as `payload_version` says (domain.invoice.PAYLOAD_VERSION);
    `attempted_uncertain` remembers that some attempt may have arrived, which decides what a taken number means. `code`
    and `text` quote the bookkeeping: they are shown and explained, and nothing is decided by them. `found_whole` and
    `found_serial` are the number as somebody may type it: columns and no words of models/search.py, for a press writes
    no more rows than it must. `remote_number` is the number that somebody gave it over there, empty while it is ours.
    `dated_on` is the date of the frozen invoice; empty in rows of before, until a reconciliation fills it in.
    Since `code_moved_at` the code it went out under is known to be somebody else's, `code_moved` says whose.
    """

    __tablename__ = "invoice_posting"
    __table_args__ = (
        # An abandoned posting lets go of its number, which may be given out again.
        Index(
            "uq_invoice_posting_number",
            "tenant_id",
            "administration",
            "number",
            unique=True,
            sqlite_where=text("state <> 'abandoned'"),
            postgresql_where=text("state <> 'abandoned'"),
        ),
        Index("ix_invoice_posting_tenant_id_number", "tenant_id", "number"),
        Index("ix_invoice_posting_tenant_id_found_whole", "tenant_id", "found_whole"),
        Index("ix_invoice_posting_tenant_id_found_serial", "tenant_id", "found_serial"),
        Index("ix_invoice_posting_tenant_id_state", "tenant_id", "state", "settled_at"),
        Index("ix_invoice_posting_tenant_id_corrects_id", "tenant_id", "corrects_id"),
        Index("ix_invoice_posting_tenant_id_dated_on", "tenant_id", "dated_on", "id"),
        Index(
            "ix_invoice_posting_tenant_id_remote_number",
            "tenant_id",
            "remote_number",
            sqlite_where=text("remote_number <> ''"),
            postgresql_where=text("remote_number <> ''"),
        ),
        Index(
            "ix_invoice_posting_code_moved",
            "tenant_id",
            "code_moved_at",
            sqlite_where=text("code_moved_at IS NOT NULL"),
            postgresql_where=text("code_moved_at IS NOT NULL"),
        ),
        refers("corrects_id", "invoice_posting"),
        CheckConstraint("(kind = 'credit') = (corrects_id IS NOT NULL)", name="a_credit_corrects"),
    )
    administration: Mapped[int] = mapped_column(default=FIRST)
    kind: Mapped[str] = mapped_column(String(10), default=states.INVOICE)
    corrects_id: Mapped[UUID | None] = mapped_column(Uuid)
    number: Mapped[str] = mapped_column(String(50))
    found_whole: Mapped[str] = mapped_column(by_code(50), server_default="")
    found_serial: Mapped[str] = mapped_column(by_code(50), server_default="")
    state: Mapped[str] = mapped_column(String(12))
    payload: Mapped[str] = mapped_column(Text)
    payload_hash: Mapped[str] = mapped_column(String(64))
    payload_version: Mapped[int] = mapped_column(default=PAYLOAD_VERSION)
    dated_on: Mapped[date | None]
    excl: Mapped[Decimal] = mapped_column(Money)
    vat: Mapped[Decimal] = mapped_column(Money)
    incl: Mapped[Decimal] = mapped_column(Money)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    looked_up_at: Mapped[datetime | None] = mapped_column(Moment)
    attempted_uncertain: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(100), default="")
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(String(500), default="")
    why: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    note: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    remote_excl: Mapped[Decimal | None] = mapped_column(Money)
    remote_vat: Mapped[Decimal | None] = mapped_column(Money)
    remote_incl: Mapped[Decimal | None] = mapped_column(Money)
    read_back_at: Mapped[datetime | None] = mapped_column(Moment)
    remote_number: Mapped[str] = mapped_column(String(50), default="", server_default="")
    code_moved_at: Mapped[datetime | None] = mapped_column(Moment)
    code_moved: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING, server_default="")
    credited_by: Mapped[InvoicePosting | None] = relationship(
        "InvoicePosting", primaryjoin=_CREDITS_IT, lazy="raise_on_sql", viewonly=True, uselist=False
    )
    orders: Mapped[list[WorkOrder]] = through(
        "InvoicePosting", "WorkOrder", "billing_claim", ("posting_id", "order_id")
    )
    attempts: Mapped[list[PostingAttempt]] = to_many(
        "InvoicePosting", "PostingAttempt", "posting_id", "PostingAttempt.id"
    )

    @property
    def is_credited(self) -> bool:
        """Whether its credit, which must be loaded, stands over there."""
        return self.credited_by is not None and self.credited_by.state == states.POSTED

    @validates("number")
    def _find_by(self, _name: str, number: str) -> str:
        whole, serial = found_by(number)
        self.found_whole = whole
        self.found_serial = serial
        return number

    def work(self, now: datetime) -> tuple[str, datetime]:
        """To be settled when whoever sends it falls silent; in any other state to be counted for who watches, and an
        uncertain one to be looked up."""
        return POSTINGS, self.lease_until if self.state == states.SENDING and self.lease_until else now


class PostingAttempt(TenantScoped, Base):
    """One try or look-up: what was asked, what was seen. Never holds credentials or session ids."""

    __tablename__ = "posting_attempt"
    __table_args__ = (
        refers("posting_id", "invoice_posting"),
        Index("ix_posting_attempt_tenant_id_posting_id", "tenant_id", "posting_id"),
    )
    posting_id: Mapped[UUID] = mapped_column(Uuid)
    posting: Mapped[InvoicePosting] = to_one("PostingAttempt", "posting_id", "InvoicePosting")
    kind: Mapped[str] = mapped_column(String(10))
    number: Mapped[str] = mapped_column(String(50))
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(12), default="")
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(String(500), default="")
    why: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING)
    by: Mapped[str] = mapped_column(String(100), default="")
