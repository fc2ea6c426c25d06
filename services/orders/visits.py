"""The visits of an order; all of it inside the caller's write transaction, on a locked order.

What becomes of them is domain.visit's. `WorkOrder.planned_on`, `WorkOrder.waits_since` and `OrderWorker` repeat what
the visits say, so that lists, the backlog and the mechanic's fence look it up by an index; nobody else writes those.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from domain import visit as rules
from domain import work_order as orders
from domain.message import N_, Refusal, msg
from domain.permissions import Actor
from models import OrderWorker, Visit, VisitWorker, Worker, WorkOrder, load_lists
from oversight.audit_trail import record
from tenancy.clock import database_now
from tenancy.fence import standing

_GOING = select(VisitWorker)
FIRST_TO_LAST = (Visit.day.is_(None), Visit.day, Visit.starts_at.is_(None), Visit.starts_at, Visit.id)


@dataclass(frozen=True)
class Planned:
    """One day and one person, as today's forms know them. All None: nothing is known of when or who."""

    day: date | None = None
    starts_at: time | None = None
    hours: Decimal | None = None
    worker_id: UUID | None = None


def load(session: Session, orders: Sequence[WorkOrder]) -> Sequence[WorkOrder]:
    """These orders with who is where and when: two statements more, however many orders."""
    load_lists(session, orders, WorkOrder.visits)
    load_lists(session, [visit for order in orders for visit in order.visits], Visit.workers)
    return orders


class _Seen(NamedTuple):
    state: str
    worker: str | None  # the first by name of those who go


_WHO_GOES = standing(
    select(Visit.order_id, Visit.id, Visit.state, Worker.name)
    .outerjoin(VisitWorker, and_(VisitWorker.tenant_id == Visit.tenant_id, VisitWorker.visit_id == Visit.id))
    .outerjoin(Worker, and_(Worker.tenant_id == VisitWorker.tenant_id, Worker.id == VisitWorker.worker_id))
    .where(Visit.order_id.in_(bindparam("order_ids", expanding=True)))
    .order_by(*FIRST_TO_LAST, Worker.sort_name)
)


def who_goes(session: Session, order_ids: Collection[UUID]) -> dict[UUID, str]:
    """By order, the name of the one person whom a screen with room for one names, as `WorkOrder.worker` does; one
    statement for all, and no objects."""
    seen: dict[UUID, dict[UUID, _Seen]] = {}
    rows = session.execute(_WHO_GOES, {"order_ids": list(order_ids)}) if order_ids else ()
    for order_id, visit_id, state, name in rows:
        seen.setdefault(order_id, {}).setdefault(visit_id, _Seen(state, name))
    told = {order_id: rules.shown(list(visits.values())) for order_id, visits in seen.items()}
    return {order_id: one.worker for order_id, one in told.items() if one and one.worker}


def of_order(session: Session, order_id: UUID) -> list[Visit]:
    """The visits of an order, first to last, with who goes there."""
    query = select(Visit).where(Visit.order_id == order_id)
    query = query.order_by(*FIRST_TO_LAST)
    found = session.scalars(query.execution_options(populate_existing=True)).all()
    return list(load_lists(session, found, Visit.workers))


def plan(
    session: Session, actor: Actor, order: WorkOrder, planned: Planned, known: Sequence[Visit] | None = None
) -> None:
    """Make the visit that the forms show as planned, or take it away when nothing of it is known; its state follows the
    order's, and then the order's follows what is planned (domain.visit.settled). Every form that says who and when
    comes here. `known`: the order's visits, for who read them under its lock. Raises Refusal for a person who cannot be
    sent."""
    present = rules.shown(of_order(session, order.id) if known is None else known)
    before, state = _planned(present), order.state
    appointed = (planned.day, planned.worker_id) != (before.day, before.worker_id)
    worker = _chosen(session, planned.worker_id, appointed and order.state in orders.OPEN)
    if planned == Planned():
        if present is not None:
            _send(session, present, None)
            session.delete(present)
    else:
        if present is None:
            present = Visit(order_id=order.id, state=rules.OF_ORDER[order.state])
            session.add(present)
        present.day, present.starts_at, present.hours = planned.day, planned.starts_at, planned.hours
        session.flush()
        _send(session, present, planned.worker_id)
    session.flush()
    order.state = rules.settled(order.state, retell(session, order))
    if appointed or order.state != state or (planned != before and planned.day):
        data = {"on": planned.day or "-", "worker": worker.name if worker else "-"}
        record(session, actor, "work_order.planned", "work_order", order.id, order.number, **data)


def _planned(visit: Visit | None) -> Planned:
    if visit is None:
        return Planned()
    return Planned(visit.day, visit.starts_at, visit.hours, visit.worker.id if visit.worker else None)


def _chosen(session: Session, worker_id: UUID | None, newly: bool) -> Worker | None:
    """The worker of a form. Raises Refusal when there is none, or one who left is `newly` given work or another day;
    whoever makes somebody inactive now waits, and sees this work."""
    if worker_id is None:
        return None
    query = select(Worker).where(Worker.id == worker_id).with_for_update(read=True)
    worker = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if worker is None:
        raise Refusal(msg("Deze medewerker bestaat niet meer. Kies een andere."), "worker_id")
    if newly and not worker.active:
        text = N_("%(name)s staat op inactief en krijgt geen werk meer. Kies een andere medewerker.")
        raise Refusal(msg(text, name=worker.name), "worker_id")
    return worker


def _send(session: Session, visit: Visit, worker_id: UUID | None) -> None:
    """Have this person go in the place of those who would; the whole crew stays when they were shown as the one."""
    going = session.scalars(select(VisitWorker).where(VisitWorker.visit_id == visit.id)).all()
    shown = visit.worker.id if going and visit.worker else None
    if worker_id == shown:
        return
    for row in going:
        session.delete(row)
    session.flush()
    if worker_id is not None:
        session.add(VisitWorker(visit_id=visit.id, worker_id=worker_id))


def hand_over(session: Session, actor: Actor, order: WorkOrder, worker_id: UUID, to: UUID | None) -> bool:
    """Have `to` go in the place of this worker on an order's open visits; None: nobody does, and a visit that nobody is
    left for has no day any more. Then the order's state is what they make of it. False when this worker goes on none.
    Raises Refusal for a person who cannot be sent."""
    mine = [
        visit
        for visit in of_order(session, order.id)
        if visit.state in rules.OPEN and worker_id in {worker.id for worker in visit.workers}
    ]
    if not mine:
        return False
    worker = _chosen(session, to, newly=True)
    for visit in mine:
        going = {one.worker_id: one for one in session.scalars(_GOING.where(VisitWorker.visit_id == visit.id))}
        session.delete(going.pop(worker_id))
        session.flush()
        if worker is not None and worker.id not in going:
            session.add(VisitWorker(visit_id=visit.id, worker_id=worker.id))
        elif worker is None and not going:
            visit.day = visit.starts_at = None
    session.flush()
    order.state = rules.settled(order.state, retell(session, order))
    data = {"on": mine[0].day or "-", "worker": worker.name if worker else "-"}
    record(session, actor, "work_order.planned", "work_order", order.id, order.number, **data)
    return True


def follow(session: Session, order: WorkOrder, verb: str) -> None:
    """Have an order's visits follow the move that the order just made; one that was done has a day. Who left is not
    sent again by an order that is revived. Then the order's state is what they make of it."""
    visits = of_order(session, order.id)
    states = rules.after(verb, [visit.state for visit in visits])
    for visit, state in zip(visits, states, strict=True):
        visit.state = state
        if state == rules.DONE and visit.day is None:
            visit.day = order.executed_on
        if verb == "unplan" and state in rules.OPEN:
            visit.day = visit.starts_at = None
        if verb == "revive" and state in rules.OPEN and not all(worker.active for worker in visit.workers):
            _send(session, visit, None)
    session.flush()
    order.state = rules.settled(order.state, retell(session, order))


def retell(session: Session, order: WorkOrder) -> list[Visit]:
    """Write down anew on the order, and for the fence, what its visits say; the visits."""
    visits = of_order(session, order.id)
    present = rules.shown(visits)
    order.planned_on = present.day if present else None
    if not rules.waits(order.state, visits):
        order.waits_since = None
    elif order.waits_since is None:
        order.waits_since = database_now(session)
    session.expire(order, ["visits"])
    going = {worker.id for visit in visits for worker in visit.workers}
    known = {row.worker_id: row for row in session.scalars(select(OrderWorker).where(OrderWorker.order_id == order.id))}
    for worker_id in known.keys() - going:
        session.delete(known[worker_id])
    for worker_id in sorted(going - known.keys()):
        session.add(OrderWorker(order_id=order.id, worker_id=worker_id, year=order.year, serial=order.serial))
    session.flush()
    return visits
