"""That this database is an older copy of itself, as the link tells it: since when that is known, and the end of it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import notices
from domain.message import Refusal
from domain.notes import note
from domain.permissions import Actor
from models import Connection, InvoicePosting, Tenant
from oversight.audit_trail import record
from services import telling
from tenancy.clock import database_now, day_of


class Behind(Refusal):
    """Our own data are older than the books, or it is not known yet whether they are; nothing was sent."""


def refuse_when_behind(link: Connection) -> None:
    """For who is about to give out a number. Raises Behind; the link is locked."""
    if link.behind_since is not None:
        raise Behind(note("behind.stopped"))
    if link.look_back_since is not None:
        raise Behind(note("behind.look_first"))


def note_behind(session: Session, actor: Actor | str, link: Connection) -> None:
    """It is proved. From now on nothing is sent. The link is locked."""
    if link.behind_since is None:
        link.look_back_from = link.look_back_from or last_known_day(session, link.administration_number)
        link.behind_since = database_now(session)
        record(session, actor, "books.behind", day=link.look_back_from)
        telling.tell(session, link.tenant_id, notices.BEHIND, f"{link.behind_since:%Y-%m-%dT%H:%M:%S.%f}")


def note_caught_up(session: Session, actor: Actor | str, link: Connection) -> None:
    """Everything over there is known here. The link is locked."""
    if link.behind_since is not None:
        link.behind_since = None
        telling.take_back(session, link.tenant_id, notices.BEHIND)
        record(session, actor, "books.caught_up")
    link.look_back_from = None


def take_mark_off(session: Session, link: Connection) -> None:
    """Somebody looked back: this tenant need not, unless it was marked anew since the link was locked."""
    marked = link.look_back_since
    if marked is not None:
        query = update(Tenant).where(Tenant.id == link.tenant_id, Tenant.look_back_since == marked)
        session.execute(query.values(look_back_since=None, row_version=Tenant.row_version))


def last_known_day(session: Session, administration: int) -> date:
    """The day of the last posting in that administration that this database knows: whatever was sent there since its
    copy was made is of that day or later. Without any posting the day on which the tenant came."""
    newest = select(InvoicePosting.created_at).where(InvoicePosting.administration == administration)
    newest = newest.order_by(InvoicePosting.id.desc()).limit(1)  # ids rise with time
    known = session.scalar(newest)
    if known is None:
        known = session.scalars(select(Tenant.created_at).where(Tenant.id == session.info["tenant_id"])).one()
    return day_of(known) - timedelta(days=1)
