"""A form that edits a row beside what others did to it meanwhile; inside the caller's write transaction, the row
locked."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.meanwhile import Changed, Opened
from models import AuditEntry

Typed = TypeVar("Typed")


def settle(
    session: Session, opened: Opened | None, typed: Typed, stands: Any, subject_id: UUID | None, *events: str
) -> Typed:
    """`Opened.settle`; a refusal also says who changed this subject last, by these events of the audit trail.
    Without `opened` nobody looked before, and all that is typed counts."""
    if opened is None:
        return typed
    try:
        return opened.settle(typed, stands)
    except Changed as changed:
        query = select(AuditEntry).where(AuditEntry.event.in_(events))
        if subject_id is not None:
            query = query.where(AuditEntry.subject_id == subject_id)
        last = session.scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(1)).first()
        if last is not None:
            changed.who, changed.when = last.person_name, last.at
        raise
