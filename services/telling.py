"""What happens in a company is told by mail to its owners and its office, each event once.

Who finds out says `tell` in its own transaction, which keeps a row; the worker's next round writes the letters, or the
portal's watch when the worker is the one that is missing. Nobody writes letters during a press. Support gets none, and
a visit of support causes none.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from domain import email_address, notices
from domain.link import LinkState
from domain.meanwhile import Opened
from domain.permissions import Actor
from models import Connection, Membership, Notice, Person, Tenant, TenantStatus
from services import heartbeat, mail, meanwhile
from services.dependencies import Dependencies
from services.purging import purge
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import enter
from tenancy.unavailable import BUSY, why_unavailable

logger = logging.getLogger("crafter.telling")
AWAY_FOR = timedelta(minutes=15)  # without a worker, until the companies are told
KEPT = timedelta(days=90)
STEP = 500  # rows in one statement


@dataclass(frozen=True)
class Receiver:
    """Somebody who may get letters of a company, and which kinds they want."""

    person_id: UUID
    name: str
    email: str
    language: str
    wants: frozenset[str]


def tell(session: Session, tenant_id: int, kind: str, event: str, since: datetime | None = None) -> None:
    """That something is so `since` then (now, when none is given), inside the caller's transaction. `event` names it
    among those of its kind (at most 60 characters): one that was told before is not told again."""
    _keep(session, [tenant_id], kind, event, since or database_now(session))


def take_back(session: Session, tenant_id: int, kind: str) -> None:
    """What was said of a kind is over before anybody wrote a letter about it; inside the caller's transaction."""
    session.execute(
        delete(Notice).where(Notice.tenant_id == tenant_id, Notice.kind == kind, Notice.written_at.is_(None))
    )


def claim(session: Session, tenant_id: int, kind: str, event: str) -> bool:
    """Take it upon oneself to write the letters of an event, inside the caller's transaction; no when another did."""
    now = database_now(session)
    return _keep(session, [tenant_id], kind, event, now, written_at=now) == 1


def _keep(session: Session, tenant_ids: Sequence[int], kind: str, event: str, since: datetime, **more: Any) -> int:
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    rows = [
        {"id": uuid7(), "tenant_id": one, "kind": kind, "event": event, "since": since, **more} for one in tenant_ids
    ]
    query = dialect.insert(Notice).values(rows).on_conflict_do_nothing(index_elements=["tenant_id", "kind", "event"])
    return len(session.scalars(query.returning(Notice.id)).all())


def write_waiting(deps: Dependencies) -> None:
    """Write the letters of every event that waits, each in a transaction of its own. Leaves the present tenant."""
    db.session.remove()
    waiting = select(Notice.id, Notice.tenant_id).join(Tenant, Tenant.id == Notice.tenant_id)
    waiting = waiting.where(Notice.written_at.is_(None), Tenant.suspended_at.is_(None)).order_by(Notice.since)
    for notice_id, tenant_id in db.session.execute(waiting).all():
        db.session.remove()
        enter(db.session(), tenant_id)
        try:
            _write(deps, notice_id)
        except Exception as error:
            if why_unavailable(error) not in {None, BUSY}:
                raise
            logger.exception("the letters of notice %s could not be written; tried again", notice_id)
    db.session.remove()


def _write(deps: Dependencies, notice_id: UUID) -> None:
    with write_transaction() as session:
        mine = select(Notice).where(Notice.id == notice_id, Notice.written_at.is_(None)).with_for_update()
        row = session.scalars(mine).one_or_none()
        if row is None:  # another process was first
            return
        row.written_at = database_now(session)
        link = session.scalars(select(Connection)).one()
        still = {
            notices.LINK_BROKEN: link.shown_state.is_broken,
            notices.BEHIND: link.shown_behind_since is not None,
            notices.WORKER_AWAY: heartbeat.away_over(AWAY_FOR) is not None,
        }
        if still[row.kind]:  # else it was mended meanwhile, and nothing is left to tell
            letters(session, deps, row.tenant_id, row.kind, since=row.since, code=link.broken_code)


def letters(session: Session, deps: Dependencies, tenant_id: int, kind: str, **values: object) -> None:
    """A letter of this kind to everybody of the tenant who wants it, in their language, inside the caller's
    transaction."""
    tenant = session.get(Tenant, tenant_id)
    assert tenant is not None
    home = f"{deps.settings.base_url.rstrip('/')}/t/{tenant.slug}/"
    given = {"tenant": tenant.name, "page": home + notices.KINDS[kind].page, "choose": f"{home}settings/notices"}
    for one in _receivers(session, tenant_id):
        if kind not in one.wants:
            continue
        try:
            to = email_address.on_envelope(one.email)
        except ValueError:
            logger.warning("person %s has no address that a letter can go to", one.person_id)
            continue
        mail.write(session, deps, to, one.language, kind, name=one.name, **given, **values)


def receivers(actor: Actor) -> list[Receiver]:
    """Who of the actor's tenant may get letters, by name."""
    return _receivers(db.session(), actor.tenant_id)


def _receivers(session: Session, tenant_id: int) -> list[Receiver]:
    query = (
        select(Person.id, Person.name, Person.email, Person.language, Membership.unwanted)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.tenant_id == tenant_id, Membership.role.in_(notices.TOLD), Person.is_support.is_(False))
        .order_by(Person.sort_name, Person.id)
    )
    every = frozenset(notices.KINDS)
    return [
        Receiver(person_id, name, email, language, every - notices.unwanted(unwanted))
        for person_id, name, email, language, unwanted in session.execute(query)
    ]


def choose(actor: Actor, wanted: frozenset[str], opened: Opened | None = None) -> bool:
    """Write down which kinds the actor wants of this tenant, on a form that was opened on `opened`; whether that
    changed. Raises LookupError for who is no member of it."""
    mine = select(Membership).where(Membership.tenant_id == actor.tenant_id, Membership.person_id == actor.person_id)
    with write_transaction() as session:
        row = session.scalars(mine.with_for_update()).one_or_none()
        if row is None:
            raise LookupError(actor.person_id)
        typed = {kind: kind in wanted for kind in notices.KINDS}
        now = {kind: kind not in notices.unwanted(row.unwanted) for kind in notices.KINDS}
        settled = meanwhile.settle(session, opened, typed, now, None)
        unwanted = " ".join(kind for kind, wants in settled.items() if not wants)
        if row.unwanted == unwanted:
            return False
        row.unwanted = unwanted
        return True


class Watch:
    """A portal's eye on the worker, asked with each sign of life it gives."""

    def __init__(self) -> None:
        self._missed: datetime | None = None

    def look(self, deps: Dependencies) -> None:
        """Tell every company that waits for a worker that it is away over 15 minutes, once however many portals see it,
        and send those letters, for nobody else does.

        Only when it was missed the time before too: after a machine slept, or an older copy of the database came back,
        the worker gets a minute to give a sign.
        """
        missed, self._missed = self._missed, heartbeat.away_over(AWAY_FOR)
        if self._missed is None or missed != self._missed:
            return
        _tell_all(self._missed)
        write_waiting(deps)
        mail.deliver(deps)
        db.session.remove()


def _tell_all(since: datetime) -> None:
    """Those whose link is in use, for what the worker does is done through it."""
    linked = select(Tenant.id).join(TenantStatus, TenantStatus.tenant_id == Tenant.id)
    linked = linked.where(Tenant.suspended_at.is_(None), TenantStatus.link_state == LinkState.ACTIVE)
    told = select(Notice.id).where(
        Notice.tenant_id == Tenant.id, Notice.kind == notices.WORKER_AWAY, Notice.event == since.isoformat()
    )
    ids = db.session.scalars(linked.where(~told.exists()).order_by(Tenant.id)).all()
    for first in range(0, len(ids), STEP):
        with write_transaction() as session:
            _keep(session, ids[first : first + STEP], notices.WORKER_AWAY, since.isoformat(), since)


def tidy() -> int:
    """Forget what was told long ago; how many events."""
    return purge(Notice.id, Notice.since < database_now(db.session()) - KEPT)
