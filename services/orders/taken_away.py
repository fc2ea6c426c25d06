"""An order that somebody had on their screen and may not see any more: what they are told about it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.work_order import CANCELLED
from models import WorkOrder
from services.company import details
from services.orders import visits
from tenancy.database import db


@dataclass(frozen=True)
class Whereabouts:
    """Whether it was cancelled, who has it now (empty: nobody), and the office's phone (empty: unknown)."""

    cancelled: bool
    worker: str
    phone: str


def now(order_id: UUID) -> Whereabouts:
    """Where an order of this company is now, for who had it before."""
    session = db.session()
    state = session.scalar(select(WorkOrder.state).where(WorkOrder.id == order_id))
    worker = visits.who_goes(session, [order_id]).get(order_id, "")
    return Whereabouts(state == CANCELLED, worker, details.present().phone)
