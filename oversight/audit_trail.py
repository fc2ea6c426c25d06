"""Recording events: names in the past tense, with the fields each must carry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from domain.audit_events import EVENTS
from domain.permissions import Actor
from domain.stored import to_value
from models import AuditEntry
from tenancy.clock import database_now
from tenancy.fence import FencedSession

_RECORDED = "recorded"  # in a session's info: kind of subject → the one an entry was about last


class WrongFields(ValueError):
    """An event was recorded with other fields than it declares."""


def record(
    session: Session,
    actor: Actor | str,
    event: str,
    subject: str = "",
    subject_id: UUID | None = None,
    subject_name: str = "",
    **data: Any,
) -> None:
    """Add one entry inside the caller's transaction. `actor` is a person at work or the name of a process.

    Words of ours among `data` are notes (domain/notes.py), and days are dates: the reader's language comes later.
    """
    if set(data) != EVENTS[event].fields:
        raise WrongFields(f"{event} carries {sorted(EVENTS[event].fields)}, got {sorted(data)}")
    person = actor if isinstance(actor, Actor) else None
    if subject_id is not None:
        session.info.setdefault(_RECORDED, {})[subject] = subject_id
    session.add(
        AuditEntry(
            at=database_now(session),
            event=event,
            person_id=person.person_id if person else None,
            person_name=person.person_name if person else str(actor),
            on_behalf_of=(person.on_behalf_of or "") if person else "",
            on_behalf_of_id=person.on_behalf_of_id if person else None,
            visit_id=person.visit_id if person else None,
            subject=subject,
            subject_id=subject_id,
            subject_name=subject_name,
            data={name: to_value(value) for name, value in data.items()},
        )
    )


def recorded(session: Session, subject: str) -> UUID | None:
    """What this transaction's last entry about such a subject was about."""
    found: UUID | None = session.info.get(_RECORDED, {}).get(subject)
    return found


@event.listens_for(FencedSession, "after_transaction_end")
def _forget(session: FencedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_RECORDED, None)
