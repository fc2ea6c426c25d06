"""A tenant of years: as many orders as asked, with all that hangs on them, put into the tables without the services.

What is live stays the same at every size, so that two sizes differ in history only: a backlog of 100, 200 orders
planned this week, 300 to check, 20 without an invoice and 20 refused. Nothing is drawn by chance: two fills are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select, update

from domain.invoice import InvoiceDraft, InvoiceLine, freeze
from domain.message import NOTHING
from domain.notes import note
from domain.numbering import found_by, written
from models import (
    Article,
    AuditEntry,
    AuditSeal,
    BillingClaim,
    BillingRound,
    InvoiceNumber,
    InvoicePosting,
    Location,
    NumberSeries,
    OrderWorker,
    Payment,
    PostingAttempt,
    Reconciliation,
    ReconciliationFinding,
    ReconciliationMonth,
    Relation,
    Searched,
    SearchWord,
    SyncRun,
    Visit,
    VisitWorker,
    Worker,
    WorkOrder,
    WorkOrderLine,
)
from models._sorted import Sorted
from tenancy.row_security import tell
from tests.support import large_books
from tests.support.filled import Filled
from tests.support.postgres import as_written, pour

BACKLOG, PLANNED, TO_CHECK, NOT_INVOICED, REFUSED = 100, 200, 300, 20, 20
LIVE = BACKLOG + PLANNED + TO_CHECK + NOT_INVOICED + REFUSED
WORKERS = 50
YEARS = 3
# kinds of rows, part of their made-up ids
_RELATION, _LOCATION, _ARTICLE, _WORKER, _ORDER, _LINE, _POSTING, _VISIT, _OTHER = range(1, 10)
_SURNAMES = (
    "de Vries", "Jansen", "van den Berg", "Bakker", "Visser", "Smit", "Meijer", "de Boer", "Mulder", "Bos", "Peters",
    "Hendriks", "van Dijk", "Dekker", "Brouwer", "de Groot", "Koning", "van 't Hof", "Çelik", "Óskar",
)  # fmt: skip
_CITIES = ("Waterveen", "Utrecht", "Zwolle", "'s-Hertogenbosch", "Ede", "Assen", "Gouda", "Venlo", "Sneek", "Delft")
_WORK = ("Onderhoud", "Lekkage", "Storing cv", "Badkamer", "Schilderwerk", "Dakgoot", "Groepenkast", "Kozijn")


_LINE_SENT = InvoiceLine("ARBEID", "Arbeid monteur", Decimal(3), "uur", Decimal(50), "high", "8000")
# of every posting, whatever its number: only who looks one up reads it
_MOVED = note("posting.code_moved", code="1001", there="Bakker, Gouda", name="Visser")
_PAYLOAD = freeze(InvoiceDraft("WB2026-0001", "1001", date(2026, 1, 1), 14, "Factuursjabloon", (_LINE_SENT,)))


@dataclass(frozen=True)
class Size:
    """How much: orders, the live ones included, and entries of the log for each of them (four at most); as many
    customers as given, or two for five orders, and of articles at least so many."""

    orders: int
    entries: int = 4
    customers: int | None = None
    fewest_articles: int = 0

    @property
    def relations(self) -> int:
        """Customers."""
        return self.customers or self.orders * 2 // 5

    @property
    def articles(self) -> int:
        """Articles."""
        return max(self.orders // 10, self.fewest_articles)


def fill(connection: Connection, tenant_id: int, worker_id: UUID, size: Size, now: datetime | None = None) -> Filled:
    """Fill a tenant that has the series, link and company of any new one; `worker_id` is a worker of it who does one
    order in fifty. Takes seconds per 10,000 orders. On PostgreSQL `connection` is one for pouring. `now`: when history
    ends."""
    if size.orders <= LIVE:
        raise ValueError(f"at least {LIVE + 1} orders, for so many are live")
    tell(connection, tenant_id)
    made = _Tenant(tenant_id, worker_id, size, now or datetime.now(UTC), _first_serial(connection))
    for model, rows in (
        (Worker, made.workers()),
        (Relation, made.relations()),
        (Location, made.locations()),
        (Article, made.articles()),
        (SyncRun, made.runs()),
        (WorkOrder, made.orders()),
        (Visit, made.visits()),
        (VisitWorker, made.crews()),
        (OrderWorker, made.order_workers()),
        (WorkOrderLine, made.lines()),
        (InvoiceNumber, made.numbers()),
        (InvoicePosting, made.postings()),
        (PostingAttempt, made.attempts()),
        (BillingRound, made.rounds()),
        (BillingClaim, made.claims()),
        (Reconciliation, large_books.runs(made, _OTHER)),
        (ReconciliationMonth, large_books.months(made, _OTHER)),
        (ReconciliationFinding, large_books.findings(made, _OTHER, _POSTING)),
        (Payment, large_books.payments(made, _OTHER, _POSTING)),
        (SearchWord, made.words()),
        (AuditEntry, made.trail()),
        (AuditSeal, made.seals()),
    ):
        _insert(connection, model.__table__, _by_name(model, rows))  # type: ignore[attr-defined]
    for kind in ("work_order", "invoice"):
        series = NumberSeries.kind == kind, NumberSeries.tenant_id == tenant_id
        connection.execute(update(NumberSeries).where(*series).values(next=made.next_serial))
    return made.filled()


def _first_serial(connection: Connection) -> int:
    return int(connection.scalar(select(func.max(NumberSeries.next))) or 1) + 100


def _by_name(model: Any, rows: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The rows with what they are sorted by, when it is by name, and found by, when it is by words."""
    for row in rows:
        if issubclass(model, Sorted):
            row = row | {"sort_name": model.sort_name_of(row)}
        found = issubclass(model, Searched) and "found_by" not in row
        yield row | {"found_by": model.found_by_of(row)} if found else row


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    if connection.dialect.name == "postgresql":
        pour(connection, table, rows)
        return
    names, marks = ", ".join(f'"{column.name}"' for column in table.columns), ", ".join("?" * len(table.columns))
    raw: Any = connection.connection.driver_connection  # past SQLAlchemy, which takes longer for a row than SQLite does
    written = as_written(table, connection.dialect, rows)
    raw.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', written)


class _Tenant:
    def __init__(self, tenant_id: int, worker_id: UUID, size: Size, now: datetime, first: int) -> None:
        self.tenant_id, self.own_worker, self.size, self.now, self.first = tenant_id, worker_id, size, now, first
        self.history = size.orders - LIVE
        self.begin = now - timedelta(days=365 * YEARS)
        self.step = (now - timedelta(days=10) - self.begin) / max(self.history, 1)
        self.next_serial = first
        self._order_rows = list(_by_name(WorkOrder, self._orders()))

    def id(self, kind: int, number: int, at: datetime | None = None) -> UUID:
        """A UUIDv7 of a moment; the same for the same."""
        moment = int((at or self.begin).timestamp() * 1000)
        return UUID(int=moment << 80 | 7 << 76 | kind << 64 | 2 << 62 | self.tenant_id << 40 | number)

    def row(self, kind: int, which: int, at: datetime | None = None, /, **values: Any) -> dict[str, Any]:
        return {"tenant_id": self.tenant_id, "id": self.id(kind, which, at), **values}

    def workers(self) -> Iterator[dict[str, Any]]:
        for n in range(WORKERS - 1):
            yield self.row(_WORKER, n, name=f"Monteur {n:02d} {_SURNAMES[n % 20]}", active=n % 10 != 9)

    def worker(self, n: int) -> UUID:
        return self.own_worker if n % WORKERS == 0 else self.id(_WORKER, n % WORKERS - 1)

    def relations(self) -> Iterator[dict[str, Any]]:
        for n in range(self.size.relations):
            yield self.row(
                _RELATION, n, code=f"R{n:06d}", name=f"{_SURNAMES[n % 20]} {n // 20}",
                remote_id=None if n % 40 == 7 else 1_000_000 + n,  # some were read in another administration
                address=f"Dorpsstraat {n}", postcode=f"{1000 + n % 9000} AB", city=_CITIES[n % 10],
                email=f"klant{n}@voorbeeld.example", synced_at=self.now,
            )  # fmt: skip

    def locations(self) -> Iterator[dict[str, Any]]:
        for n in range(0, self.size.relations, 2):
            yield self.row(
                _LOCATION, n, relation_id=self.id(_RELATION, n), name="Werkplaats", address=f"Kade {n}", city="Gouda"
            )

    def articles(self) -> Iterator[dict[str, Any]]:
        for n in range(self.size.articles):
            yield self.row(
                _ARTICLE, n, code=f"A{n:06d}", remote_id=2_000_000 + n, description=f"{_WORK[n % 8]} deel {n}",
                price=Decimal(n % 500) + 1, vat_code="high", ledger_code="8000", synced_at=self.now,
            )  # fmt: skip

    def words(self) -> Iterator[dict[str, Any]]:
        """Of each kind in the order of the index, which is how a tree is filled soonest."""
        kinds: tuple[tuple[Any, Iterable[dict[str, Any]]], ...] = (
            (Relation, self.relations()), (Location, self.locations()), (Article, self.articles()),
            (Worker, self.workers()), (WorkOrder, self.orders()),
        )  # fmt: skip
        for model, rows in kinds:
            entries = [
                (word, model.stands_at(*(row[name] for name in model.LISTED_BY)), row["id"])
                for row in _by_name(model, rows)
                for word in row["found_by"].split()
            ]
            for word, sort, key in sorted(entries):
                yield {
                    "tenant_id": self.tenant_id, "kind": model.__tablename__, "word": word, "sort": sort, "id": key,
                }  # fmt: skip

    def runs(self) -> Iterator[dict[str, Any]]:
        for n in range(self.size.orders // 50):
            at = self.begin + (self.now - self.begin) * n / (self.size.orders // 50)
            yield self.row(
                _OTHER, n, at, what="relations" if n % 2 else "articles", started_at=at,
                finished_at=at + timedelta(minutes=2), by="Crafter ('s nachts)", unchanged=self.size.relations,
            )  # fmt: skip

    def _orders(self) -> Iterator[dict[str, Any]]:
        serials: dict[int, int] = {}
        for n in range(self.size.orders):
            live = n - self.history
            at = self.begin + self.step * n if live < 0 else self.now - timedelta(days=9) + timedelta(minutes=live)
            serials[at.year] = serials.get(at.year, self.first - 1) + 1
            row = self.row(
                _ORDER, n, at, number=written("", at.year, serials[at.year]), year=at.year, serial=serials[at.year],
                title=f"{_WORK[n % 8]} {n}", customer_order_number="" if n % 4 else f"OPD-{100_000 + n}",
                relation_id=self.id(_RELATION, n % self.size.relations),
                location_id=None, planned_on=at.date(), waits_since=None,
                executed_on=at.date(), created_at=at, changed_at=at, approved_at=at,
                total_excl=Decimal(150), state="approved", billing="whole", not_billable_reason="",
            )  # fmt: skip
            yield row | (_old(n) if live < 0 else self._live(live))
        self.next_serial = max(serials.values()) + 1

    def _live(self, n: int) -> dict[str, Any]:
        monday = (self.now - timedelta(days=self.now.weekday())).date()
        none = {"billing": "none", "approved_at": None, "executed_on": None}
        if n < BACKLOG:
            return none | {"state": "draft", "planned_on": None, "waits_since": self.now}
        if n < BACKLOG + PLANNED:
            return none | {"state": "planned", "planned_on": monday + timedelta(days=n % 5)}
        if n < BACKLOG + PLANNED + TO_CHECK:
            return none | {"state": "done", "executed_on": monday}
        if n < LIVE - REFUSED:
            return {"billing": "none", "approved_at": self.now - timedelta(hours=n % 24)}
        return {"billing": "collecting"}

    def orders(self) -> list[dict[str, Any]]:
        return self._order_rows

    def _visited(self) -> Iterator[tuple[int, dict[str, Any]]]:
        return ((n, order) for n, order in enumerate(self._order_rows) if order["planned_on"])

    def visits(self) -> Iterator[dict[str, Any]]:
        for n, order in self._visited():
            state = {"planned": "planned", "cancelled": "not_done"}.get(order["state"], "done")
            yield self.row(
                _VISIT, n, order["created_at"], order_id=order["id"], day=order["planned_on"],
                starts_at=time(8 + n % 8), hours=Decimal(2), state=state,
            )  # fmt: skip

    def crews(self) -> Iterator[dict[str, Any]]:
        for n, order in self._visited():
            visit_id = self.id(_VISIT, n, order["created_at"])
            yield self.row(_OTHER, n, order["created_at"], visit_id=visit_id, worker_id=self.worker(n))

    def order_workers(self) -> Iterator[dict[str, Any]]:
        for n, order in self._visited():
            yield self.row(
                _OTHER, n, order["created_at"], order_id=order["id"], worker_id=self.worker(n), year=order["year"],
                serial=order["serial"],
            )  # fmt: skip

    def lines(self) -> Iterator[dict[str, Any]]:
        for n, order in enumerate(self._order_rows):
            for position in range(1, 4):
                yield self.row(
                    _LINE, n * 4 + position, order["created_at"], order_id=order["id"], position=position, kind="hours",
                    description="Arbeid monteur", quantity=Decimal(1), unit="uur", price=Decimal(50),
                    vat_code="high", ledger_code="8000", code="ARBEID",
                )  # fmt: skip

    def billed(self) -> Iterator[tuple[int, dict[str, Any], str]]:
        for n, order in enumerate(self._order_rows):
            if order["billing"] in {"whole", "collecting"}:
                yield n, order, "posted" if order["billing"] == "whole" else "refused"

    def numbers(self) -> Iterator[dict[str, Any]]:
        for n, order, state in self.billed():
            yield self.row(
                _OTHER, n, order["created_at"], number=f"WB{order['number']}", prefix="WB", year=order["year"],
                serial=order["serial"], state="posted" if state == "posted" else "held", changed_at=order["created_at"],
            )  # fmt: skip

    def postings(self) -> Iterator[dict[str, Any]]:
        for n, order, state in self.billed():
            yield self.row(
                _POSTING, n, order["created_at"], number=f"WB{order['number']}", state=state, payload=_PAYLOAD,
                found_whole=found_by(f"WB{order['number']}")[0], found_serial=found_by(order["number"])[1],
                payload_hash="", excl=Decimal(150), vat=Decimal("31.50"), incl=Decimal("181.50"),
                created_at=order["created_at"], sent_at=order["created_at"], settled_at=order["created_at"],
                by="Olga Office", code="" if state == "posted" else "CFACT025", read_back_at=order["created_at"],
                dated_on=order["created_at"].date(),
                # the newest refused one, so that the page about it is there
                code_moved_at=order["created_at"] if n == self.size.orders - 1 else None,
                code_moved=_MOVED if n == self.size.orders - 1 else NOTHING,
            )  # fmt: skip

    def attempts(self) -> Iterator[dict[str, Any]]:
        for n, order, state in self.billed():
            yield self.row(
                _OTHER, n, order["created_at"], posting_id=self.id(_POSTING, n, order["created_at"]), kind="send",
                number=f"WB{order['number']}", started_at=order["created_at"], ended_at=order["created_at"],
                outcome=state, by="Olga Office",
            )  # fmt: skip

    def rounds(self) -> Iterator[dict[str, Any]]:
        for n, order, _state in self.billed():
            yield self.row(_OTHER, n, order["created_at"], order_id=order["id"], round=1, manner="whole", terms=0)

    def claims(self) -> Iterator[dict[str, Any]]:
        for n, order, _state in self.billed():
            yield self.row(
                _OTHER, n, order["created_at"], posting_id=self.id(_POSTING, n, order["created_at"]),
                order_id=order["id"], round=1, manner="whole", share="whole",
            )  # fmt: skip

    def trail(self) -> Iterator[dict[str, Any]]:
        for n, order in enumerate(self._order_rows):
            for k, event in enumerate(("created", "planned", "reported", "changed")[: self.size.entries]):
                data = {"on": "-", "worker": "-"} if event == "planned" else {}
                at = order["created_at"] + timedelta(seconds=k)
                yield self.row(
                    _OTHER, n * 4 + k, at, at=at, event=f"work_order.{event}", person_name="Olga Office",
                    subject="work_order", subject_id=order["id"], subject_name=order["number"], data=data,
                )  # fmt: skip

    def seals(self) -> Iterator[dict[str, Any]]:
        """One over all but the last few entries: what every minute left behind."""
        first, last = self._order_rows[0], self._order_rows[-5]
        yield self.row(
            _OTHER, 0, number=1, after=None, through=last["created_at"], first_id=first["id"], last_id=last["id"],
            count=self.size.entries * (self.size.orders - 5), previous="", hash="0" * 64, key_version="v1",
            sealed_at=self.now,
        )  # fmt: skip

    def filled(self) -> Filled:
        middle = self.history // 2 - self.history // 2 % 100 + 50  # of the worker's own, not cancelled
        planned = self.history + BACKLOG
        to_check = planned + PLANNED
        order = self._order_rows[middle]
        runs = list(self.runs())
        return Filled(
            relation_id=self.id(_RELATION, self.size.relations // 2 // 2 * 2),
            location_id=self.id(_LOCATION, self.size.relations // 2 // 2 * 2),
            article_id=self.id(_ARTICLE, self.size.articles // 2),
            posted_order=order["id"],
            planned_order=self._order_rows[planned + -planned % WORKERS]["id"],
            done_order=self._order_rows[to_check + -to_check % WORKERS]["id"],
            refused_order=self._order_rows[-1]["id"],
            number=order["number"],
            day=order["created_at"].date(),
            entry_id=self.id(_OTHER, middle * 4, order["created_at"]),
            number_id=self.id(_OTHER, middle, order["created_at"]),
            run_id=runs[len(runs) // 2]["id"],
            finding_id=(found := list(large_books.findings(self, _OTHER, _POSTING)))[len(found) // 2]["id"],
            reconciliation_id=self.id(_OTHER, len(runs) // 2, runs[len(runs) // 2]["started_at"]),
        )


def _old(n: int) -> dict[str, Any]:
    """Of a hundred old orders one was cancelled and one is not billed; the rest stands in the books."""
    if n % 100 == 0:
        return {"state": "cancelled", "billing": "none", "approved_at": None, "executed_on": None}
    if n % 100 == 1:
        return {"billing": "not_billable", "not_billable_reason": "garantie"}
    return {}
