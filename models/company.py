"""The tenant's own data: the company on paper and the people who do the work."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from domain.vat_regime import Small
from models._sorted import Sorted
from models._versioned import Versioned
from models.search import Searched
from tenancy.database import Base
from tenancy.fence import TenantScoped


class Company(Versioned, TenantScoped, Base):
    """The company's details (one row a tenant). `small_since` and `small_until`: domain.vat_regime.Small;
    `g_account`: the IBAN of its blocked account (domain/chain_liability.py)."""

    __tablename__ = "company"
    __table_args__ = (UniqueConstraint("tenant_id"),)
    name: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(150), default="")
    postcode: Mapped[str] = mapped_column(String(50), default="")
    city: Mapped[str] = mapped_column(String(50), default="")
    phone: Mapped[str] = mapped_column(String(50), default="")
    email: Mapped[str] = mapped_column(String(150), default="")
    coc_number: Mapped[str] = mapped_column(String(50), default="")
    vat_number: Mapped[str] = mapped_column(String(50), default="")
    iban: Mapped[str] = mapped_column(String(50), default="")
    g_account: Mapped[str] = mapped_column(String(50), default="", server_default="")
    small_since: Mapped[date | None]
    small_until: Mapped[date | None]

    @property
    def small(self) -> Small:
        """When it is under the small business scheme."""
        return Small(self.small_since, self.small_until)


class Worker(Versioned, Sorted, Searched, TenantScoped, Base):
    """Somebody who does the work (medewerker); may have a login."""

    __tablename__ = "worker"
    __table_args__ = (UniqueConstraint("tenant_id", "name"), UniqueConstraint("tenant_id", "person_id"))
    FOUND_BY = ("name",)
    name: Mapped[str] = mapped_column(String(100))
    colour: Mapped[str] = mapped_column(String(10), default="petrol")
    active: Mapped[bool] = mapped_column(default=True)
    person_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
