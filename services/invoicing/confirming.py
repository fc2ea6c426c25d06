"""A yes to a question about an order's invoice: kept on the order with what it was said of, and told in the trail."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from domain import questions
from domain.permissions import Actor
from domain.questions import DAY, TOTAL, Question, Sure
from models import Connection, WorkOrder
from oversight.audit_trail import record

_COLUMNS = {DAY: "sure_of_day", TOTAL: "sure_of_total"}


def sure_of(order: WorkOrder) -> Sure:
    """What somebody said yes to about this order."""
    return Sure(order.sure_of_day, order.sure_of_total)


def asked(order: WorkOrder, link: Connection, on: date) -> tuple[Question, ...]:
    """What is to be asked before the invoice of this order, with its lines, goes out on this day."""
    return questions.asked(order.executed_on, on, order.totals.incl, sure_of(order), link.ask_above)


def keep(session: Session, actor: Actor, order: WorkOrder, question: Question) -> None:
    """Keep a yes on a locked order."""
    setattr(order, _COLUMNS[question.subject], question.value)
    record(session, actor, "work_order.confirmed", "work_order", order.id, order.number, what=question.what)
