"""Customers with their work sites, and what is sold: relations, locations, articles."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, String, Text, UniqueConstraint, Uuid, false, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.administration import FIRST
from domain.chain_liability import Agreed
from domain.dwelling import Declaration, declaration
from domain.message import NOTHING, Message
from domain.relation import LONGEST
from domain.vat_regime import USUAL
from models._scoped import refers, to_many, to_one
from models._sorted import Sorted
from models._stored import StoredMessage
from models._versioned import Versioned
from models.search import Searched
from tenancy.database import Base, Moment
from tenancy.fence import TenantScoped

# read in another administration, not known in the one that is linked, and not put aside
_ELSEWHERE = "coalesce(remote_id, -1) = -1 AND synced_at IS NOT NULL AND vanished_at IS NULL"


class Relation(Versioned, Sorted, Searched, TenantScoped, Base):
    """A customer. With a `remote_id` the bookkeeping leads for its fields; `notes` is always ours, and so is
    `asks_order_number`: it takes no invoice without its own order number on it, and `vat_regime`: which VAT its orders
    have as a whole (domain/vat_regime.py; empty: as usual); and `wage_percent` and `g_percent`: what was agreed about
    the wages in its orders (domain/chain_liability.py).
    `seen_there_at`: when its code was last asked for over there, for an invoice, and led to this customer.
    `asked_there_at`: when a page last asked, ahead of one; `asked_there` what came of it (domain/customer.py).
    `sent_as`: what one made here was sent there as, a fingerprint a line (domain/same_customer.py), until it is known
    to stand there. `administration`: the one whose code and id these are (models/administration.py); without an id and
    yet `synced_at`: not the one that is linked. `vanished_at`: since when it is not there, or was put aside here."""

    __tablename__ = "relation"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "remote_id"),
        Index("ix_relation_tenant_id_sort_name", "tenant_id", "sort_name", "id"),
        Index("ix_relation_tenant_id_coc_number", "tenant_id", "coc_number"),
        Index("ix_relation_tenant_id_vat_number", "tenant_id", "vat_number"),
        Index(
            "ix_relation_elsewhere",
            "tenant_id",
            "sort_name",
            "id",
            sqlite_where=text(_ELSEWHERE),
            postgresql_where=text(_ELSEWHERE),
        ),
    )
    FOUND_BY = ("name", "code", "city", "email", "contact", "address", "postcode", "phone", "mobile")
    administration: Mapped[int] = mapped_column(default=FIRST, server_default="1")
    code: Mapped[str | None] = mapped_column(String(LONGEST["code"]))
    remote_id: Mapped[int | None] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(LONGEST["name"]))
    is_company: Mapped[bool] = mapped_column(default=True)
    contact: Mapped[str] = mapped_column(String(LONGEST["contact"]), default="")
    address: Mapped[str] = mapped_column(String(LONGEST["address"]), default="")
    postcode: Mapped[str] = mapped_column(String(LONGEST["postcode"]), default="")
    city: Mapped[str] = mapped_column(String(LONGEST["city"]), default="")
    country: Mapped[str] = mapped_column(String(LONGEST["country"]), default="")
    phone: Mapped[str] = mapped_column(String(LONGEST["phone"]), default="")
    mobile: Mapped[str] = mapped_column(String(LONGEST["mobile"]), default="")
    email: Mapped[str] = mapped_column(String(LONGEST["email"]), default="")
    vat_number: Mapped[str] = mapped_column(String(LONGEST["vat_number"]), default="")
    coc_number: Mapped[str] = mapped_column(String(LONGEST["coc_number"]), default="")
    iban: Mapped[str] = mapped_column(String(LONGEST["iban"]), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    asks_order_number: Mapped[bool] = mapped_column(default=False, server_default=false())
    vat_regime: Mapped[str] = mapped_column(String(10), default=USUAL, server_default=USUAL)
    wage_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    g_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    sent_as: Mapped[str] = mapped_column(Text, default="", server_default="")
    synced_at: Mapped[datetime | None] = mapped_column(Moment)
    vanished_at: Mapped[datetime | None] = mapped_column(Moment)
    seen_there_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_there_at: Mapped[datetime | None] = mapped_column(Moment)
    asked_there: Mapped[Message] = mapped_column(StoredMessage, default=NOTHING, server_default="")
    locations: Mapped[list[Location]] = to_many(
        "Relation", "Location", "relation_id", "Location.sort_name, Location.id"
    )

    @property
    def agreed(self) -> Agreed:
        """What was agreed with it about wages."""
        return Agreed(self.wage_percent, self.g_percent)


class Location(Versioned, Sorted, Searched, TenantScoped, Base):
    """A work site (werklocatie) of a customer; ours, a sync never touches it. `dwelling_declared_on`, `_by`: when and
    by whom it was declared to be a dwelling older than two years (domain/dwelling.py)."""

    __tablename__ = "location"
    __table_args__ = (
        refers("relation_id", "relation"),
        Index("ix_location_tenant_id_relation_id", "tenant_id", "relation_id"),
    )
    CALLED = ("name", "address")
    FOUND_BY = ("name", "address", "postcode", "city")
    relation_id: Mapped[UUID] = mapped_column(Uuid)
    name: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(150))
    postcode: Mapped[str] = mapped_column(String(50), default="")
    city: Mapped[str] = mapped_column(String(50), default="")
    notes: Mapped[str] = mapped_column(Text, default="")
    dwelling_declared_on: Mapped[date | None]
    dwelling_declared_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    relation: Mapped[Relation] = to_one("Location", "relation_id", "Relation")

    @property
    def called(self) -> str:
        """What a person knows it by."""
        return self.name or self.address

    @property
    def declared(self) -> Declaration | None:
        """That it is a dwelling older than two years, as far as anybody declared that."""
        return declaration(self.dwelling_declared_on, self.dwelling_declared_by)

    @property
    def is_dwelling(self) -> bool:
        """The same, as its form asks it."""
        return self.dwelling_declared_on is not None

    def keep_declaration(self, found: Declaration | None) -> None:
        """Keep this of it; None: nothing is declared any more."""
        self.dwelling_declared_on, self.dwelling_declared_by = (found.on, found.by) if found else (None, "")


class Article(Versioned, Sorted, Searched, TenantScoped, Base):
    """An article or service; price in euros excluding VAT. `administration` as for a relation."""

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "remote_id"),
        Index("ix_article_tenant_id_description_id", "tenant_id", "description", "id"),
        Index("ix_article_tenant_id_sort_name", "tenant_id", "sort_name", "id"),
    )
    CALLED = ("description",)
    FOUND_BY = ("description", "code", "unit")
    administration: Mapped[int] = mapped_column(default=FIRST, server_default="1")
    code: Mapped[str | None] = mapped_column(String(50))
    remote_id: Mapped[int | None] = mapped_column(BigInteger)
    description: Mapped[str] = mapped_column(String(500))
    unit: Mapped[str] = mapped_column(String(50), default="")
    price: Mapped[Decimal] = mapped_column(Numeric(12, 4), default=Decimal(0))
    vat_code: Mapped[str] = mapped_column(String(12), default="")
    ledger_code: Mapped[str] = mapped_column(String(10), default="")
    active: Mapped[bool] = mapped_column(default=True)
    synced_at: Mapped[datetime | None] = mapped_column(Moment)
    vanished_at: Mapped[datetime | None] = mapped_column(Moment)
