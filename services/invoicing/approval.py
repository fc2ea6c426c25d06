"""An order becomes gecontroleerd: by a press, or because its invoice turns out to stand over there."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain import work_order as rules
from domain.permissions import Actor
from models import WorkOrder
from oversight.audit_trail import record
from tenancy.clock import database_now


def approve(session: Session, actor: Actor | str, order: WorkOrder) -> None:
    """Put a locked order in that state and tell the trail; whether it may be is for who asks."""
    said = {"from_name": rules.state_note(order.state), "to_name": rules.state_note(rules.APPROVED)}
    order.state = rules.APPROVED
    order.approved_at = order.changed_at = database_now(session)
    order.version += 1
    record(session, actor, "work_order.moved", "work_order", order.id, order.number, **said)
