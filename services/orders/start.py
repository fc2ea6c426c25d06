"""What the start page tells: first steps, today's work, a mechanic's own day, and how the link is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from domain import posting as states
from domain import visit as visit_rules
from domain import work_order as rules
from domain.link import LinkState
from domain.message import NOTHING, Message
from domain.money import of_cents
from domain.permissions import Actor
from models import (
    BY_NUMBER,
    Company,
    Connection,
    InvoicePosting,
    Relation,
    SyncRun,
    Visit,
    VisitWorker,
    Worker,
    WorkOrder,
    load_lists,
)
from tenancy.clock import AMSTERDAM, database_now, midnight, today
from tenancy.database import db, in_cents

SHOWN_TODAY = 60
SHOWN_AHEAD = 40
# The steps in the order a newcomer takes them; the template knows the words and the way.
STEPS = ("company", "worker", "feature", "connect", "relations", "order", "invoice")
_by_time = (Visit.starts_at.is_(None), Visit.starts_at, *BY_NUMBER)


@dataclass(frozen=True)
class Step:
    """One first step: its key (one of STEPS) and whether it is done."""

    key: str
    done: bool


@dataclass(frozen=True)
class LinkPanel:
    """How the link is doing. `state`: off, inactive, active, broken. `posted_incl` in euros, including VAT."""

    state: LinkState
    administration: str
    active_since: datetime | None
    broken_code: str
    behind: bool
    sync_relations: bool
    synced_at: datetime | None
    sync_trouble: Message
    posted_this_week: int
    posted_incl: Decimal


@dataclass(frozen=True)
class MyDay:
    """A mechanic's own visits: left over from before today, today, and by day after today."""

    on: date
    left_over: tuple[Visit, ...]
    today: tuple[Visit, ...]
    ahead: tuple[tuple[date, tuple[Visit, ...]], ...]


def the_day() -> date:
    """Today in Amsterdam, by the database's clock."""
    return today(db.session())


def local_hour() -> int:
    """The hour in Amsterdam (0 to 23), for the greeting."""
    return database_now(db.session()).astimezone(AMSTERDAM).hour


def first_steps() -> tuple[Step, ...]:
    """The first steps and which of them are done; one query. Not syncing relations (a choice) counts as done."""
    filled = and_(Company.name != "", Company.address != "", Company.city != "")
    synced = or_(
        select(Relation.id).where(Relation.remote_id.is_not(None)).exists(),
        select(Connection.id)
        .where(Connection.active_since.is_not(None), Connection.sync_relations.is_(False))
        .exists(),
    )
    row = db.session.execute(
        select(
            select(Company.id).where(filled).exists(),
            select(Worker.id).exists(),
            select(Connection.id).where(Connection.enabled).exists(),
            select(Connection.id).where(Connection.enabled, Connection.active_since.is_not(None)).exists(),
            synced,
            select(WorkOrder.id).exists(),
            select(InvoicePosting.id).where(InvoicePosting.state == states.POSTED).exists(),
        )
    ).one()
    return tuple(Step(key, bool(done)) for key, done in zip(STEPS, row, strict=True))


def link_panel() -> LinkPanel:
    """The link's state, when relations were last read, and what was posted since Monday."""
    session = db.session()
    link = session.scalars(select(Connection)).one()
    query = select(SyncRun).where(SyncRun.what == "relations", SyncRun.finished_at.is_not(None))
    run = session.scalars(query.order_by(SyncRun.started_at.desc()).limit(1)).first()
    day = today(session)
    monday = midnight(day - timedelta(days=day.weekday()))
    posted = select(func.count(), in_cents(InvoicePosting.incl)).where(
        InvoicePosting.state == states.POSTED, InvoicePosting.settled_at >= monday
    )
    number, incl = session.execute(posted).one()
    return LinkPanel(
        state=link.shown_state,
        administration=link.administration,
        active_since=link.active_since,
        broken_code=link.broken_code,
        behind=link.shown_behind_since is not None,
        sync_relations=link.sync_relations,
        synced_at=run.finished_at if run else None,
        sync_trouble=run.error if run else NOTHING,
        posted_this_week=number,
        posted_incl=of_cents(incl),
    )


def todays_visits(on: date) -> list[Visit]:
    """All visits of a day, by time, with their orders and people."""
    query = _visits().where(Visit.day == on).order_by(*_by_time)
    return list(load_lists(db.session(), db.session.scalars(query.limit(SHOWN_TODAY)).all(), Visit.workers))


def my_day(actor: Actor) -> MyDay:
    """The own visits of the worker behind this login; empty without one."""
    on = the_day()
    if actor.worker_id is None:
        return MyDay(on, (), (), ())
    mine = (
        select(VisitWorker.id)
        .where(
            VisitWorker.tenant_id == Visit.tenant_id,
            VisitWorker.visit_id == Visit.id,
            VisitWorker.worker_id == actor.worker_id,
        )
        .exists()
    )
    # The one that speaks of visits only is what both databases find by their indexes, whatever is long done.
    today_or_open = or_(Visit.day == on, Visit.state.in_(visit_rules.OPEN))
    today_or_going = or_(Visit.day == on, WorkOrder.state.in_((rules.PLANNED, rules.STARTED)))
    query = _visits().where(mine, Visit.day.is_not(None), today_or_open, today_or_going).order_by(Visit.day, *_by_time)
    left, now, ahead = [], [], dict[date, list[Visit]]()
    found = db.session.scalars(query.limit(SHOWN_AHEAD + SHOWN_TODAY)).all()
    for visit in load_lists(db.session(), found, Visit.workers):
        assert visit.day is not None
        if visit.day < on:
            left.append(visit)
        elif visit.day == on:
            now.append(visit)
        else:
            ahead.setdefault(visit.day, []).append(visit)
    return MyDay(on, tuple(left), tuple(now), tuple((day, tuple(visits)) for day, visits in ahead.items()))


def _visits() -> Select[Visit]:
    """Visits that were not called off, with their orders."""
    query = select(Visit).join(Visit.order).where(Visit.state != visit_rules.NOT_DONE)
    return query.options(
        contains_eager(Visit.order).options(joinedload(WorkOrder.relation), joinedload(WorkOrder.location))
    )
