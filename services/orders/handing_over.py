"""The work that is left of somebody who leaves: what it is, and giving it to somebody else or back to the backlog."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from domain import visit as visit_rules
from domain import work_order as rules
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from models import BY_NUMBER, Visit, VisitWorker, WorkOrder
from services.orders import visits, work_orders
from services.transaction import write_transaction
from tenancy.database import db

AT_ONCE = 50  # orders that are shown, and handed over in one transaction


@dataclass(frozen=True)
class OpenWork:
    """Visits of somebody that are still to be made, first to last, of open orders; `more`: these are not all."""

    visits: tuple[Visit, ...]
    more: bool


def of(worker_id: UUID) -> OpenWork:
    """What is left of a worker's work, `AT_ONCE` at most. Empty for one who is not there."""
    # apart, and so first: a look for each open visit, and only those that are theirs are joined
    theirs = select(Visit.id).where(Visit.state.in_(visit_rules.OPEN), _goes(worker_id))
    query = (
        select(Visit)
        .join(Visit.order)
        .where(Visit.id.in_(theirs.order_by(*visits.FIRST_TO_LAST).limit(AT_ONCE + 1)), WorkOrder.state.in_(rules.OPEN))
        .options(contains_eager(Visit.order).options(joinedload(WorkOrder.relation)))
        .order_by(*visits.FIRST_TO_LAST, *BY_NUMBER)
    )
    found = db.session.scalars(query).all()
    return OpenWork(tuple(found[:AT_ONCE]), len(found) > AT_ONCE)


def hand_over(actor: Actor, worker_id: UUID, order_ids: Collection[UUID], to: UUID | None) -> int:
    """Have `to` go in the place of this worker on the open visits of these orders, on the same day and time. How many
    orders it was; those of which somebody else disposed meanwhile are left alone. Raises Refusal, with the field, and
    then nothing is changed."""
    if to is None or to == worker_id:
        raise Refusal(msg("Kies wie het werk overneemt."), "worker_id")
    return _dispose(actor, worker_id, order_ids, to)


def put_back(actor: Actor, worker_id: UUID, order_ids: Collection[UUID]) -> int:
    """As `hand_over`, to nobody: what nobody is left for goes back to the backlog. Raises Refusal, for work that was
    begun too."""
    return _dispose(actor, worker_id, order_ids, None)


def _dispose(actor: Actor, worker_id: UUID, order_ids: Collection[UUID], to: UUID | None) -> int:
    if not order_ids:
        raise Refusal(msg("Kies een of meer werkbonnen."), "order")
    with write_transaction() as session:
        query = select(WorkOrder).where(WorkOrder.id.in_(order_ids)).order_by(WorkOrder.id).with_for_update()
        orders = [order for order in session.scalars(query).all() if order.state in rules.OPEN]
        return sum(_hand_over(session, actor, order, worker_id, to) for order in orders)


def _hand_over(session: Session, actor: Actor, order: WorkOrder, worker_id: UUID, to: UUID | None) -> bool:
    if not visits.hand_over(session, actor, order, worker_id, to):
        return False
    if to is None and order.state == rules.STARTED:  # work that was begun is never taken from somebody in silence
        text = N_("Aan werkbon %(number)s is begonnen. Kies wie hem overneemt, of haal het vinkje weg.")
        raise Refusal(msg(text, number=order.number), "order")
    work_orders.touch(session, order)
    return True


def _goes(worker_id: UUID) -> Exists:
    going = select(VisitWorker.id).where(
        VisitWorker.tenant_id == Visit.tenant_id, VisitWorker.visit_id == Visit.id, VisitWorker.worker_id == worker_id
    )
    return going.exists()
