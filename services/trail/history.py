"""The log (Logboek): everything that happened in the tenant, newest first, read only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Uuid, and_, bindparam, false, or_, select, union_all

from domain.audit_events import EVENTS
from domain.email_address import reads_as_one
from domain.message import N_, Message
from domain.stored import from_value
from models import AuditEntry, InvoicePosting, SupportVisit, WorkOrder
from services.paging import Page, Part, Way, all_of, page_of
from services.trail.names import lines_of
from services.transaction import stop_reading
from tenancy.clock import midnight
from tenancy.database import db
from tenancy.fence import standing

MOST_NAMES = 30  # whose lines are looked up for a page; what more of them bear is met soon in the log itself
AT_ONCE = 500  # rows that an export reads at a time
ON_A_BON = 50  # the newest lines under an order
CORRECTED = "invoice.corrected_there"
# What the filter offers: word, Dutch name, and how the events of that kind begin.
KINDS = {
    "orders": (N_("werkbonnen"), ("work_order.",)),
    "invoices": (N_("facturen"), ("invoice.", "bulk.")),
    "catalogue": (N_("relaties en artikelen"), ("relation", "location.", "article")),
    "settings": (
        N_("instellingen en koppeling"),
        ("company.", "worker.", "feature.", "connection.", "invoice_settings."),
    ),
    "people": (
        N_("mensen en toegang"),
        (
            "team.",
            "support_access.",
            "login.",
            "password.",
            "second_factor.",
            "confirmation.",
            "export.",
            "command.",
        ),
    ),
    "support": (N_("support"), ("impersonation.", "visit.", "tenant.")),
}

AnyEntry = AuditEntry | Row[Any]  # an entry, or of one the columns that a line tells of


@dataclass(frozen=True)
class Filter:
    """What to show: a kind (a word of KINDS), whose name holds each word of `who`, from one day through another
    (Amsterdam), and only what happened during visits of support. Empty means everything."""

    kind: str = ""
    who: str = ""
    since: date | None = None
    through: date | None = None
    visits_only: bool = False


@dataclass(frozen=True)
class Line:
    """One thing that happened. `order_id` or `relation_id` is set when there is something to open; `acted` when support
    did it on behalf of somebody, and did not just look along."""

    at: datetime
    who: str
    on_behalf_of: str
    what: Message
    name: str
    order_id: UUID | None = None
    relation_id: UUID | None = None
    acted: bool = False
    event: str = ""

    @property
    def who_breaks(self) -> bool:
        """Whether `who` is an e-mail address, too long for a column."""
        return reads_as_one(self.who)

    @property
    def name_breaks(self) -> bool:
        """The same of `name`."""
        return reads_as_one(self.name)


def list_(after: str = "", wanted: Filter | None = None) -> Page[Line]:
    """A page of lines, newest first. `after` is the id of the last one seen; an unknown one begins at the start."""
    query, ways = _narrowed(wanted or Filter())
    page = page_of(query, AuditEntry, [AuditEntry.at], after, down=True, merged=ways)
    return page.showing(_lines(page.rows))


def export(wanted: Filter) -> Iterator[Line]:
    """Every line that matches, newest first; never more than some hundreds of rows in memory. Of the columns that a
    line tells of: an object for each of a hundred thousand entries is a third of what they cost."""
    query, ways = _narrowed(wanted)
    part = Part([AuditEntry.at], merged=ways)
    for found in all_of(query.with_only_columns(*_TOLD), AuditEntry, part, down=True, at_once=AT_ONCE):
        lines = list(_lines(found))
        stop_reading()  # whoever takes them slowly keeps no transaction open
        yield from lines


def _narrowed(wanted: Filter) -> tuple[Select[AuditEntry], Sequence[Way]]:
    """What the filter leaves, and the ways in which indexes give that, newest first; none: the index of all."""
    query = select(AuditEntry)
    if wanted.since:
        query = query.where(AuditEntry.at >= midnight(wanted.since))
    if wanted.through:
        query = query.where(AuditEntry.at < midnight(wanted.through + timedelta(days=1)))
    narrowing: list[Sequence[ColumnElement[bool]]] = [_OF_VISITS] if wanted.visits_only else []
    if wanted.who:
        lines = lines_of(wanted.who) or [false()]
        if len(lines) > MOST_NAMES:
            query = query.where(or_(*lines))
        else:
            narrowing.append(lines)
    if wanted.kind in KINDS:
        narrowing.append(_of_kind(wanted.kind))
    # one of them by its index, and each of those lines is asked for the others
    ways = narrowing.pop(0) if narrowing else ()
    return query.where(*(or_(*rows) for rows in narrowing)), [Way(rows) for rows in ways]


def _of_kind(kind: str) -> list[ColumnElement[bool]]:
    return [AuditEntry.event == event for event in _events(KINDS[kind][1])]


def _events(beginnings: tuple[str, ...]) -> list[str]:
    """The events that begin so. By name: no index finds beginnings under every collation."""
    return [event for event in EVENTS if event.startswith(beginnings)]


_TOLD = (
    AuditEntry.tenant_id, AuditEntry.id, AuditEntry.at, AuditEntry.event, AuditEntry.person_name,
    AuditEntry.on_behalf_of, AuditEntry.visit_id, AuditEntry.subject, AuditEntry.subject_id, AuditEntry.subject_name,
    AuditEntry.data,
)  # fmt: skip


# Entries of before visits had a row are known by their event.
_OF_VISITS = (
    AuditEntry.visit_id.is_not(None),
    *(and_(AuditEntry.visit_id.is_(None), AuditEntry.event == event) for event in _events(("impersonation.",))),
)


_ORDER = bindparam("order_id", type_=Uuid())
_ITS_POSTINGS = select(InvoicePosting.id).join(InvoicePosting.orders).where(WorkOrder.id == _ORDER)
_OF_ORDER = standing(
    select(AuditEntry)
    .where(
        # one list and no OR, beside which a database looks at every entry of the tenant
        AuditEntry.subject_id.in_(union_all(select(_ORDER), _ITS_POSTINGS)),
        AuditEntry.event.not_like("visit.%"),  # that support looked at it stands in the Logboek, not on the bon
    )
    .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    .limit(ON_A_BON)
)


def of_order(order_id: UUID) -> tuple[Line, ...]:
    """The newest lines about one work order and its invoice postings, newest first."""
    found = db.session.scalars(_OF_ORDER, {"order_id": order_id}).all()
    acted = _acting_visits(found)
    return tuple(
        Line(
            row.at, row.person_name, row.on_behalf_of, sentence(row), row.subject_name, acted=row.visit_id in acted,
            event=row.event,
        )
        for row in found
    )  # fmt: skip


def corrections(posting_id: UUID) -> Sequence[Line]:
    """What was noted as corrected over there on a posted invoice, oldest first."""
    query = select(AuditEntry).where(AuditEntry.subject_id == posting_id, AuditEntry.event == CORRECTED)
    found = db.session.scalars(query.order_by(AuditEntry.at, AuditEntry.id)).all()
    return tuple(
        Line(row.at, row.person_name, row.on_behalf_of, sentence(row), row.subject_name, event=row.event)
        for row in found
    )


def sentence(entry: AnyEntry) -> Message:
    """What an entry says; one whose event or fields are of an older version never breaks the page."""
    event = EVENTS.get(entry.event)
    if event is None:
        return Message("%(event)s", {"event": entry.event})
    told = {name: from_value(value) for name, value in entry.data.items()}
    return Message(event.line, dict.fromkeys(event.fields, "?") | told)


def _lines(entries: Sequence[AnyEntry]) -> Iterable[Line]:
    postings = [entry.subject_id for entry in entries if entry.subject == "posting" and entry.subject_id]
    orders = _orders_of(postings)
    acted = _acting_visits(entries)
    for entry in entries:
        order_id, relation_id, name = None, None, entry.subject_name
        if entry.subject == "work_order":
            order_id = entry.subject_id
        elif entry.subject == "relation":
            relation_id = entry.subject_id
        elif entry.subject == "posting" and entry.subject_id in orders:
            order_id, name = orders[entry.subject_id]
        yield Line(
            entry.at, entry.person_name, entry.on_behalf_of, sentence(entry), name, order_id, relation_id,
            entry.visit_id in acted, entry.event,
        )  # fmt: skip


def _acting_visits(entries: Sequence[AnyEntry]) -> set[UUID]:
    ids = {entry.visit_id for entry in entries if entry.visit_id}
    if not ids:
        return set()
    query = select(SupportVisit.id).where(SupportVisit.tenant_id == entries[0].tenant_id, SupportVisit.mode == "acting")
    return set(db.session.scalars(query)) & ids


def _orders_of(posting_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    query = (
        select(InvoicePosting.id, WorkOrder.id, WorkOrder.number)
        .join(InvoicePosting.orders)
        .where(InvoicePosting.id.in_(posting_ids))
    )
    return {posting_id: (order_id, number) for posting_id, order_id, number in db.session.execute(query)}
