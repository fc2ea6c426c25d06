"""The letter of the morning: what has stood in Aandacht nodig over a working day. None when there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import notices
from domain import posting as states
from domain.message import N_
from domain.permissions import Actor
from models import Connection, Notice, Tenant
from services import telling
from services.dependencies import Dependencies
from services.orders import attention
from services.transaction import write_transaction
from tenancy.clock import AMSTERDAM, database_now, day_of
from tenancy.database import db

_WORDS = {
    **states.STATE_NAMES,
    states.SENDING: N_("onderbroken"),
    "not_invoiced": N_("nog niet gefactureerd"),
    "credited": N_("gecrediteerd, en nog niet beslist wat er met de bon gebeurt"),
    attention.CODE_MOVED: N_("klant natrekken"),
}
_DIFFERS = N_("factuur wijkt af van e-Boekhouden")


@dataclass(frozen=True)
class Standing:
    """One thing that stands there: which order of whom, how it is (a word N_ marked), since when, its address,
    and which term it is of an order in terms (0: none)."""

    number: str
    customer: str
    how: str
    since: datetime
    page: str
    term: int = 0


def due(now: datetime | None = None) -> list[int]:
    """The ids of the open tenants whose letter of today was not thought of yet; none before seven in Amsterdam, nor on
    a Saturday or Sunday."""
    here = (now or database_now(db.session())).astimezone(AMSTERDAM)
    if here.hour < notices.DAILY_FROM or not notices.is_working_day(here.date()):
        return []
    thought_of = select(Notice.id).where(
        Notice.tenant_id == Tenant.id, Notice.kind == notices.DAILY, Notice.event == here.date().isoformat()
    )
    query = select(Tenant.id).where(Tenant.suspended_at.is_(None), ~thought_of.exists()).order_by(Tenant.id)
    return list(db.session.scalars(query))


def write(deps: Dependencies, actor: Actor) -> None:
    """Write the entered tenant's letter of today, once; no letter when nothing stands that long."""
    with write_transaction() as session:
        now = database_now(session)
        today = day_of(now)
        if not telling.claim(session, actor.tenant_id, notices.DAILY, today.isoformat()):
            return
        before = over_a_working_day(now)
        link = session.scalars(select(Connection)).one()
        broken = link.broken_at if link.shown_state.is_broken and link.broken_at and link.broken_at <= before else None
        since = link.shown_behind_since
        behind = since if since and since <= before else None
        standing = _standing(session, deps, actor, before)
        if standing or broken or behind:
            more = len(standing) == attention.SHOWN
            values = {"standing": standing, "broken": broken, "behind": behind, "more": more}
            telling.letters(session, deps, actor.tenant_id, notices.DAILY, **values)


def over_a_working_day(now: datetime) -> datetime:
    """What stands since this moment or longer, stands a working day: the same time of day on the last working day."""
    here = now.astimezone(AMSTERDAM)
    back: date = notices.working_day_before(here.date())
    return datetime.combine(back, here.time(), AMSTERDAM)


def _standing(session: Session, deps: Dependencies, actor: Actor, before: datetime) -> list[Standing]:
    home = f"{deps.settings.base_url.rstrip('/')}/t/{actor.tenant_slug}/"
    return [
        Standing(
            item.order.number,
            item.order.relation.name if item.order.relation else "",
            _WORDS.get(item.state, _DIFFERS),
            item.since,
            f"{home}reconciliation/{item.finding_id}" if item.finding_id else f"{home}work-orders/{item.order.id}",
            item.term,
        )
        for item in attention.items(before)
    ]
