"""Codes that a reading finds with somebody else: the invoices that went out under them since they were last seen right.

Where such an invoice stands over there nobody can tell from here, for they took it for the code. So it is raised: in
Aandacht nodig, on its order and in the trail, until the owner says what was found (services/invoicing/moved.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import customer as rules
from domain import moments
from domain.invoice import relation_code_of
from domain.message import NOTHING
from domain.notes import note
from domain.posting import MAY_BE_THERE
from models import InvoicePosting, Relation, SyncRun, WorkOrder, first_billed
from oversight.audit_trail import record

_WHO = "Crafter"


@dataclass(frozen=True)
class Moved:
    """A customer of ours whose code somebody else has over there: what it is called here, and who has it there."""

    relation_id: UUID
    code: str
    name: str
    there: str
    administration: int


def raise_for(session: Session, moved: Sequence[Moved], administration: int, now: datetime) -> None:
    """Raise the invoices that went out under these codes of that administration, inside the caller's transaction and
    before the customers are brought in step: when they were last seen right is read here."""
    by_id = {one.relation_id: one for one in moved if one.administration == administration}
    if not by_id:
        return
    read = _last_read(session, now)
    query = (
        select(InvoicePosting, Relation.id, Relation.seen_there_at, Relation.synced_at)
        .join(InvoicePosting.orders)
        .join(Relation, Relation.id == WorkOrder.relation_id)
        .where(WorkOrder.relation_id.in_(by_id), InvoicePosting.state.in_(MAY_BE_THERE))
        .where(InvoicePosting.administration == administration, InvoicePosting.code_moved_at.is_(None))
    )
    query = query.where(WorkOrder.id == first_billed())
    if read is not None:
        query = query.where(InvoicePosting.sent_at > read)
    for row, relation_id, seen_at, synced_at in session.execute(query).all():
        one = by_id[relation_id]
        sent_so = relation_code_of(row.payload) == one.code
        if sent_so and rules.went_out_unsure(row.sent_at, (read, synced_at), seen_at, now):
            row.code_moved_at = now
            row.code_moved = note("posting.code_moved", code=one.code, there=one.there, name=one.name)
            values = {"number": row.number, "code": one.code, "there": one.there, "name": one.name}
            record(session, _WHO, "invoice.code_moved", "posting", row.id, row.number, **values)


def _last_read(session: Session, now: datetime) -> datetime | None:
    """When the last reading began that saw all customers with their codes; None when that is not known."""
    query = select(SyncRun.started_at).where(SyncRun.what == "relations", SyncRun.finished_at.is_not(None))
    query = query.where(SyncRun.error == NOTHING, SyncRun.complete)
    at = session.scalars(query.order_by(SyncRun.started_at.desc(), SyncRun.id.desc()).limit(1)).first()
    return None if at is not None and moments.is_ahead(at, now) else at
