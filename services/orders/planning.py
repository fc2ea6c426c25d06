"""The planning board: a week of orders per worker, and the backlog beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from domain import work_order as rules
from domain.money import ZERO
from models import BY_NUMBER, Worker, WorkOrder
from tenancy.database import db

HOURS_A_DAY = 8
SHOWN_WAITING = 50
_loads = (joinedload(WorkOrder.relation), joinedload(WorkOrder.location))
_by_time = (WorkOrder.planned_from.is_(None), WorkOrder.planned_from, *BY_NUMBER)


@dataclass(frozen=True)
class WorkerWeek:
    """One worker's week: orders per day (same order as Week.days), hours planned and hours there are."""

    worker: Worker
    days: tuple[tuple[WorkOrder, ...], ...]
    hours: Decimal
    capacity: int


@dataclass(frozen=True)
class Week:
    """A week on the board. Saturday and Sunday are among `days` only when something is planned there.

    `waiting` is the backlog: open orders without a day or without a worker; `more_waiting` when it goes on.
    """

    monday: date
    days: tuple[date, ...]
    rows: tuple[WorkerWeek, ...]
    waiting: tuple[WorkOrder, ...]
    more_waiting: bool


def parse_week(text: str) -> date | None:
    """The Monday of `2026-W47`, or None when it is no week."""
    year, _, number = text.partition("-W")
    try:
        return date.fromisocalendar(int(year), int(number), 1)
    except ValueError:
        return None


def write_week(on: date) -> str:
    """The week a day falls in, as `2026-W47`."""
    year, number, _ = on.isocalendar()
    return f"{year:04d}-W{number:02d}"


def monday_of(on: date) -> date:
    """The Monday of the week a day falls in."""
    return on - timedelta(days=on.weekday())


def week(monday: date) -> Week:
    """The board of the week that begins on this Monday. Three queries, however many orders and workers."""
    session = db.session()
    query = select(WorkOrder).where(
        WorkOrder.planned_on.between(monday, monday + timedelta(days=6)),
        WorkOrder.worker_id.is_not(None),
        WorkOrder.state != rules.CANCELLED,
    )
    orders = list(session.scalars(query.options(*_loads).order_by(*_by_time)))
    used = {order.worker_id for order in orders}
    workers = session.scalars(
        select(Worker).where(or_(Worker.active, Worker.id.in_(used))).order_by(Worker.name, Worker.id)
    )
    last = max((order.planned_on.weekday() for order in orders if order.planned_on), default=0)
    days = tuple(monday + timedelta(days=n) for n in range(max(5, last + 1)))
    places: dict[tuple[UUID | None, date | None], list[WorkOrder]] = {}
    for order in orders:
        places.setdefault((order.worker_id, order.planned_on), []).append(order)
    waiting = _waiting()
    return Week(
        monday=monday,
        days=days,
        rows=tuple(_row(worker, days, places) for worker in workers),
        waiting=tuple(waiting[:SHOWN_WAITING]),
        more_waiting=len(waiting) > SHOWN_WAITING,
    )


def _row(
    worker: Worker, days: tuple[date, ...], places: dict[tuple[UUID | None, date | None], list[WorkOrder]]
) -> WorkerWeek:
    mine = tuple(tuple(places.get((worker.id, day), ())) for day in days)
    hours = sum((order.planned_hours or ZERO for orders in mine for order in orders), ZERO)
    return WorkerWeek(worker, mine, hours, HOURS_A_DAY * 5)


def _waiting() -> list[WorkOrder]:
    """Open orders that stand nowhere on the board, oldest first."""
    query = select(WorkOrder).where(
        WorkOrder.state.in_((rules.DRAFT, rules.PLANNED, rules.STARTED)),
        or_(WorkOrder.planned_on.is_(None), WorkOrder.worker_id.is_(None)),
    )
    return list(db.session.scalars(query.options(*_loads).order_by(*BY_NUMBER).limit(SHOWN_WAITING + 1)))
