"""The planning board: a week of visits per worker, and the backlog beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload

from domain import visit as rules
from domain.money import ZERO
from models import BY_NUMBER, Visit, Worker, WorkOrder, load_lists
from services.orders.visits import load
from tenancy.database import db

HOURS_A_DAY = 8
SHOWN_WAITING = 50
_of_order = (joinedload(WorkOrder.relation), joinedload(WorkOrder.location))


@dataclass(frozen=True)
class WorkerWeek:
    """One worker's week: visits per day (same order as Week.days), hours planned and hours there are."""

    worker: Worker
    days: tuple[tuple[Visit, ...], ...]
    hours: Decimal
    capacity: int


@dataclass(frozen=True)
class Week:
    """A week on the board. Saturday and Sunday are among `days` only when something is planned there.

    `waiting` is the backlog: open orders of which no visit has a day and a worker; `more_waiting` when it goes on.
    """

    monday: date
    days: tuple[date, ...]
    rows: tuple[WorkerWeek, ...]
    waiting: tuple[WorkOrder, ...]
    more_waiting: bool


def monday_of(on: date) -> date:
    """The Monday of the week a day falls in."""
    return on - timedelta(days=on.weekday())


def week(monday: date) -> Week:
    """The board of the week that begins on this Monday. Five queries, however many orders and workers."""
    session = db.session()
    query = (
        select(Visit)
        .join(Visit.order)
        .where(Visit.day.between(monday, monday + timedelta(days=6)), Visit.state != rules.NOT_DONE)
        .options(contains_eager(Visit.order).options(*_of_order))
        .order_by(Visit.starts_at.is_(None), Visit.starts_at, *BY_NUMBER)
    )
    visits = [visit for visit in load_lists(session, session.scalars(query).all(), Visit.workers) if visit.firm]
    used = {worker.id for visit in visits for worker in visit.workers}
    workers = session.scalars(
        select(Worker).where(or_(Worker.active, Worker.id.in_(used))).order_by(Worker.sort_name, Worker.id)
    )
    last = max((visit.day.weekday() for visit in visits if visit.day), default=0)
    days = tuple(monday + timedelta(days=n) for n in range(max(5, last + 1)))
    places: dict[tuple[UUID, date | None], list[Visit]] = {}
    for visit in visits:
        for worker in visit.workers:
            places.setdefault((worker.id, visit.day), []).append(visit)
    waiting = _waiting()
    return Week(
        monday=monday,
        days=days,
        rows=tuple(_row(worker, days, places) for worker in workers),
        waiting=tuple(waiting[:SHOWN_WAITING]),
        more_waiting=len(waiting) > SHOWN_WAITING,
    )


def worker(worker_id: UUID) -> Worker | None:
    """A worker, also one who left; None when there is none."""
    return db.session.scalars(select(Worker).where(Worker.id == worker_id)).one_or_none()


def _row(worker: Worker, days: tuple[date, ...], places: dict[tuple[UUID, date | None], list[Visit]]) -> WorkerWeek:
    mine = tuple(tuple(places.get((worker.id, day), ())) for day in days)
    hours = sum((visit.hours or ZERO for visits in mine for visit in visits), ZERO)
    return WorkerWeek(worker, mine, hours, HOURS_A_DAY * 5)


def _waiting() -> list[WorkOrder]:
    """Open orders that stand nowhere on the board, oldest first."""
    query = select(WorkOrder).where(WorkOrder.waits_since.is_not(None)).options(*_of_order)
    return list(load(db.session(), db.session.scalars(query.order_by(*BY_NUMBER).limit(SHOWN_WAITING + 1)).all()))
