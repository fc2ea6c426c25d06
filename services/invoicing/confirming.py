"""A yes to a question about an order's invoice: kept on the order with what it was said of, and told in the trail."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.permissions import Actor
from domain.questions import DAY, Question, Sure
from models import WorkOrder
from oversight.audit_trail import record

_COLUMNS = {DAY: "sure_of_day"}


def sure_of(order: WorkOrder) -> Sure:
    """What somebody said yes to about this order."""
    return Sure(order.sure_of_day)


def keep(session: Session, actor: Actor, order: WorkOrder, question: Question) -> None:
    """Keep a yes on a locked order."""
    setattr(order, _COLUMNS[question.subject], question.value)
    record(session, actor, "work_order.confirmed", "work_order", order.id, order.number, what=question.what)
