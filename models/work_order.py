"""Work orders and their lines."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, String, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from domain import billing, chain_liability, dwelling
from domain.chain_liability import LABOUR_KINDS, Agreed, WagePart
from domain.dwelling import Declaration
from domain.money import ZERO, line_total
from domain.numbering import stands_at, taken_apart
from domain.posting import LOCKS_ORDER
from domain.vat import Totals, add_up
from domain.vat_regime import USUAL, Applied, applied, code_of
from domain.visit import shown
from models._scoped import refers, to_many, to_one
from models.billing import BillingClaim
from models.bookkeeping import LineDefault
from models.catalogue import Location, Relation
from models.company import Company, Worker
from models.posting import InvoicePosting
from models.search import Searched
from models.visit import Visit
from tenancy.database import Base, Moment, Money
from tenancy.fence import TenantScoped

_WHOLE_NOW = (
    "and_(WorkOrder.tenant_id == BillingClaim.tenant_id, WorkOrder.id == foreign(BillingClaim.order_id), "
    f"WorkOrder.billing_round == BillingClaim.round, BillingClaim.share.in_({list(billing.THE_REST)}), "
    "BillingClaim.released_at == None)"
)

# as services/orders/attention.py asks it, to the letter: a database uses a partial index for nothing else
_TO_INVOICE = text("state = 'approved' AND billing IN ('none', 'partly')")

_FIRST_TO_LAST = "(Visit.day.is_(None), Visit.day, Visit.starts_at.is_(None), Visit.starts_at, Visit.id)"


class WorkOrder(Searched, TenantScoped, Base):
    """A work order (werkbon). `version` counts changes, so that an older form never overwrites a newer one.

    `billing` is how far it is billed (domain.billing) in its round `billing_round`; services/invoicing/claims.py alone
    writes it. `live_claim` is the claim on the whole of it in that round, or on all that is left of it (the last term).
    `agreed_excl`: the sum, in euros excluding VAT, over which its terms are (BillingTerm); None: it is billed whole.
    `planned_on` (the day of the visit shown, to sort by) and `waits_since` (in the backlog since, None when it is not)
    repeat what its visits say; services/orders/visits.py alone writes them.
    `customer_order_number`: what the customer calls the job, for the first line of its invoice.
    `vat_regime`: what was chosen for this order; empty: as its customer usually has (domain/vat_regime.py).
    `billed_regime`: what its invoice was sent with, for what its customer has later is another matter.
    `dwelling_declared_on`, `_by`: of an order without a work site, that it is about a dwelling older than two years; of
    one that was sent, what its invoice went out under (domain/dwelling.py).
    `wage_part`: the wages in it, in euros, when it is not as was agreed with its customer (domain/chain_liability.py).
    `executed_from`: the first day of work that took more than one; `executed_on` is the last.
    `invoice_on`: the date that was chosen for its invoice (domain/invoice_date.py); empty: the day it is posted.
    `sure_of_day` and `sure_of_total` (including VAT) are what somebody said yes to (domain.questions).
    """

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        refers("relation_id", "relation"),
        refers("location_id", "location"),
        Index("ix_work_order_billing", "tenant_id", "state", "billing", "approved_at"),
        Index("ix_work_order_tenant_id_state", "tenant_id", "state", "year", "serial"),
        Index("ix_work_order_tenant_id_year", "tenant_id", "year", "serial"),
        Index("ix_work_order_tenant_id_planned_on", "tenant_id", "planned_on", "year", "serial"),
        Index("ix_work_order_tenant_id_relation_id", "tenant_id", "relation_id", "year", "serial"),
        Index("ix_work_order_tenant_id_location_id", "tenant_id", "location_id", "year", "serial"),
        Index("ix_work_order_tenant_id_state_planned_on", "tenant_id", "state", "planned_on", "year", "serial"),
        Index(
            "ix_work_order_backlog",
            "tenant_id",
            "year",
            "serial",
            sqlite_where=text("waits_since IS NOT NULL"),
            postgresql_where=text("waits_since IS NOT NULL"),
        ),
        Index(
            "ix_work_order_to_invoice",
            "tenant_id",
            "state",
            "year",
            "serial",
            sqlite_where=_TO_INVOICE,
            postgresql_where=_TO_INVOICE,
        ),
    )
    FOUND_BY = ("number", "title", "customer_order_number")
    LISTED_BY = ("year", "serial")
    stands_at = staticmethod(stands_at)  # type: ignore[assignment] # of two numbers
    number: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    serial: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    title: Mapped[str] = mapped_column(String(150))
    customer_order_number: Mapped[str] = mapped_column(String(50), default="", server_default="")
    relation_id: Mapped[UUID | None] = mapped_column(Uuid)
    location_id: Mapped[UUID | None] = mapped_column(Uuid)
    planned_on: Mapped[date | None]
    waits_since: Mapped[datetime | None] = mapped_column(Moment)
    executed_on: Mapped[date | None]
    executed_from: Mapped[date | None]
    invoice_on: Mapped[date | None]
    sure_of_day: Mapped[date | None]
    sure_of_total: Mapped[Decimal | None] = mapped_column(Money)
    dwelling_declared_on: Mapped[date | None]
    dwelling_declared_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    description: Mapped[str] = mapped_column(Text, default="")
    work_done: Mapped[str] = mapped_column(Text, default="")
    office_note: Mapped[str] = mapped_column(Text, default="")
    not_billable_reason: Mapped[str] = mapped_column(String(300), default="")
    billing: Mapped[str] = mapped_column(String(12), default=billing.NONE)
    billing_round: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    total_excl: Mapped[Decimal] = mapped_column(Money, default=Decimal(0))
    vat_regime: Mapped[str] = mapped_column(String(10), default=USUAL, server_default=USUAL)
    billed_regime: Mapped[str] = mapped_column(String(10), default=USUAL, server_default=USUAL)
    wage_part: Mapped[Decimal | None] = mapped_column(Money)
    agreed_excl: Mapped[Decimal | None] = mapped_column(Money)
    version: Mapped[int] = mapped_column(default=1)

    relation: Mapped[Relation | None] = to_one("WorkOrder", "relation_id", "Relation")
    location: Mapped[Location | None] = to_one("WorkOrder", "location_id", "Location")
    live_claim: Mapped[BillingClaim | None] = relationship(
        "BillingClaim", primaryjoin=_WHOLE_NOW, lazy="raise_on_sql", viewonly=True, uselist=False
    )
    company: Mapped[Company] = relationship(
        "Company", primaryjoin="foreign(WorkOrder.tenant_id) == Company.tenant_id", lazy="raise_on_sql", viewonly=True
    )
    visits: Mapped[list[Visit]] = to_many("WorkOrder", "Visit", "order_id", _FIRST_TO_LAST)
    lines: Mapped[list[WorkOrderLine]] = to_many("WorkOrder", "WorkOrderLine", "order_id", "WorkOrderLine.position")

    @validates("number")
    def _take_apart(self, _name: str, number: str) -> str:
        self.year, self.serial = taken_apart(number)
        return number

    @property
    def live_posting(self) -> InvoicePosting | None:
        """The posting that bills the whole of it in its present round; `live_claim` and its posting must be loaded."""
        return self.live_claim.posting if self.live_claim else None

    @property
    def credit(self) -> InvoicePosting | None:
        """The posting that credits that one; it must be loaded along (claims.WITH_ITS_CREDIT)."""
        return self.live_posting.credited_by if self.live_posting else None

    @property
    def is_credited(self) -> bool:
        """Whether what billed it is taken back over there, and nothing was decided since."""
        return self.live_posting is not None and self.live_posting.is_credited

    @property
    def visit(self) -> Visit | None:
        """The visit that a screen with room for one tells of (domain.visit.shown); `visits` must be loaded."""
        return shown(self.visits)

    @property
    def worker(self) -> Worker | None:
        """The one person whom a screen with room for one names."""
        return self.visit.worker if self.visit else None

    @property
    def worker_id(self) -> UUID | None:
        """What the forms of one day and one person choose."""
        return self.worker.id if self.worker else None

    @property
    def planned_from(self) -> time | None:
        """The time in those forms."""
        return self.visit.starts_at if self.visit else None

    @property
    def planned_hours(self) -> Decimal | None:
        """The hours in those forms."""
        return self.visit.hours if self.visit else None

    @property
    def regime(self) -> Applied:
        """Which VAT it has as a whole if it is invoiced now, and why; `relation` and `company` must be loaded."""
        usual = self.relation.vat_regime if self.relation else USUAL
        return applied(self.vat_regime, usual, self.company.small, self.executed_on)

    @property
    def asks_dwelling(self) -> bool:
        """Whether it has work at the low rate, so that its invoice wants a declaration."""
        regime = self.regime.regime
        return dwelling.asks((line.kind, code_of(regime, line.vat_code, line.kind)) for line in self.lines)

    @property
    def declared(self) -> Declaration | None:
        """What was declared of where it is done: kept with its work site (which must be loaded), or with itself."""
        return self.location.declared if self.location is not None else self._declared_here

    @property
    def _declared_here(self) -> Declaration | None:
        return dwelling.declaration(self.dwelling_declared_on, self.dwelling_declared_by)

    def keep_declaration(self, found: Declaration | None) -> None:
        """Keep this of the order itself."""
        self.dwelling_declared_on, self.dwelling_declared_by = (found.on, found.by) if found else (None, "")

    @property
    def wages(self) -> WagePart | None:
        """What its invoice has to say of the wages in it; `relation` and `lines` must be loaded."""
        labour = sum((line.total for line in self.lines if line.kind in LABOUR_KINDS), ZERO)
        return chain_liability.wage_part(labour, self.wage_part, self.relation.agreed if self.relation else Agreed())

    @property
    def totals(self) -> Totals:
        """The lines added up as they are invoiced now."""
        return self._added_up(self.regime.regime)

    @property
    def _is_billed(self) -> bool:
        """Whether an invoice of it may be over there; `live_claim` and its posting must be loaded."""
        return self.live_posting is not None and self.live_posting.state in LOCKS_ORDER

    @property
    def shows_dwelling(self) -> bool:
        """Whether its page tells of a declaration; of one that was sent: what it was sent with says so."""
        return self.dwelling_declared_on is not None if self.live_posting is not None else self.asks_dwelling

    @property
    def shown_declaration(self) -> Declaration | None:
        """What its page tells was declared: what an invoice that may be over there went out under, else what holds."""
        return self._declared_here if self._is_billed else self.declared

    @property
    def shown_regime(self) -> str:
        """The regime that its page tells of: what an invoice that may be over there was sent with, whatever holds for
        its customer since; else what holds now. `live_claim` and its posting must be loaded."""
        return self.billed_regime if self._is_billed else self.regime.regime

    def shown_as(self, line: WorkOrderLine) -> str:
        """The VAT code of a line of it as its page shows it."""
        return code_of(self.shown_regime, line.vat_code, line.kind)

    @property
    def shown_totals(self) -> Totals:
        """The lines added up as its page shows them."""
        return self._added_up(self.shown_regime)

    def _added_up(self, regime: str) -> Totals:
        return add_up((code_of(regime, line.vat_code, line.kind), line.total) for line in self.lines)


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

    # what its kind lends it
    default: Mapped[LineDefault | None] = relationship(
        primaryjoin="and_(WorkOrderLine.tenant_id == LineDefault.tenant_id, "
        "foreign(WorkOrderLine.kind) == LineDefault.kind)",
        lazy="raise_on_sql", viewonly=True, uselist=False,
    )  # fmt: skip

    @property
    def total(self) -> Decimal:
        """Quantity times price in euros, rounded to cents."""
        return line_total(self.quantity, self.price)
