"""The log (Logboek): everything that happened in the tenant, newest first, read only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from domain.audit_events import EVENTS
from domain.message import Message
from models import AuditEntry, InvoicePostingOrder, WorkOrder
from tenancy.database import db

PAGE = 50
# What the filter offers: word, Dutch name, and how the events of that kind begin.
KINDS = {
    "orders": ("werkbonnen", ("work_order.",)),
    "invoices": ("facturen", ("invoice.", "bulk.")),
    "catalogue": ("relaties en artikelen", ("relation", "location.", "article")),
    "settings": (
        "instellingen en koppeling",
        ("company.", "worker.", "feature.", "connection.", "invoice_settings."),
    ),
    "support": ("meekijken door support", ("impersonation.",)),
}


@dataclass(frozen=True)
class Line:
    """One thing that happened. `order_id` or `relation_id` is set when there is something to open."""

    at: datetime
    who: str
    on_behalf_of: str
    what: Message
    name: str
    order_id: UUID | None = None
    relation_id: UUID | None = None


@dataclass(frozen=True)
class Page:
    """A page of lines; `next` asks the following one, or is empty."""

    rows: tuple[Line, ...]
    next: str


def list_(after: str = "", kind: str = "") -> Page:
    """A page of lines, newest first. `after` is the id of the last one seen, `kind` a word of KINDS;
    anything else begins at the start or shows all."""
    query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(PAGE + 1)
    if kind in KINDS:
        query = query.where(or_(*(AuditEntry.event.startswith(start) for start in KINDS[kind][1])))
    anchor = _anchor(after)
    if anchor is not None:
        older = and_(AuditEntry.at == anchor.at, AuditEntry.id < anchor.id)
        query = query.where(or_(AuditEntry.at < anchor.at, older))
    found = db.session.scalars(query).all()
    shown = found[:PAGE]
    return Page(tuple(_lines(shown)), str(shown[-1].id) if len(found) > PAGE else "")


def of_order(order_id: UUID, limit: int = 50) -> tuple[Line, ...]:
    """The newest lines about one work order and its invoice postings, newest first."""
    postings = select(InvoicePostingOrder.posting_id).where(
        InvoicePostingOrder.tenant_id == AuditEntry.tenant_id, InvoicePostingOrder.order_id == order_id
    )
    query = select(AuditEntry).where(or_(AuditEntry.subject_id == order_id, AuditEntry.subject_id.in_(postings)))
    found = db.session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit))
    return tuple(Line(row.at, row.person_name, row.on_behalf_of, sentence(row), row.subject_name) for row in found)


def _anchor(after: str) -> AuditEntry | None:
    try:
        return (
            db.session.scalars(select(AuditEntry).where(AuditEntry.id == UUID(after))).one_or_none() if after else None
        )
    except ValueError:
        return None


def sentence(entry: AuditEntry) -> Message:
    """What an entry says, in Dutch; one whose event or fields are of an older version never breaks the page."""
    event = EVENTS.get(entry.event)
    if event is None:
        return Message("%(event)s", {"event": entry.event})
    return Message(event.line, dict.fromkeys(event.fields, "?") | entry.data)


def _lines(entries: Sequence[AuditEntry]) -> Iterable[Line]:
    orders = _orders_of([entry.subject_id for entry in entries if entry.subject == "posting" and entry.subject_id])
    for entry in entries:
        order_id, relation_id, name = None, None, entry.subject_name
        if entry.subject == "work_order":
            order_id = entry.subject_id
        elif entry.subject == "relation":
            relation_id = entry.subject_id
        elif entry.subject == "posting" and entry.subject_id in orders:
            order_id, name = orders[entry.subject_id]
        yield Line(entry.at, entry.person_name, entry.on_behalf_of, sentence(entry), name, order_id, relation_id)


def _orders_of(posting_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
    query = (
        select(InvoicePostingOrder.posting_id, WorkOrder.id, WorkOrder.number)
        .join(
            WorkOrder,
            and_(WorkOrder.tenant_id == InvoicePostingOrder.tenant_id, WorkOrder.id == InvoicePostingOrder.order_id),
        )
        .where(InvoicePostingOrder.posting_id.in_(posting_ids))
    )
    return {posting_id: (order_id, number) for posting_id, order_id, number in db.session.execute(query)}
