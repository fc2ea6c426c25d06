"""The administrations that a tenant was linked with: recognising the one whose codes these are, and arriving in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from domain import administration as rules
from domain import posting as states
from domain.message import NOTHING
from gateways.bookkeeping import Credentials
from models import Administration, Article, Connection, InvoicePosting, Relation, Tenant
from services.dependencies import Dependencies
from services.link import left_settings
from services.sealing import CannotUnseal, seal, unseal
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import standing


def place(row: Administration) -> str:
    """What its sealed fingerprint is bound to (services/sealing.py)."""
    return f"administration.fingerprint:{row.tenant_id}:{row.id}"


_ALL = standing(select(Administration).order_by(Administration.linked_at, Administration.number))


def all_() -> Sequence[Administration]:
    """The administrations of the entered tenant, the first one first."""
    return db.session.scalars(_ALL).all()


def remember(session: Session, deps: Dependencies, link: Connection, present: Credentials | None) -> None:
    """Write down by what the administration of a locked link is recognised, before the codes that it was started with,
    `present`, are replaced or erased. Only where nobody did: the link of before there were administrations is that of
    the first one."""
    if present is not None and link.active_since is not None and not all_():
        _add(session, deps, link.administration_number, present, link.administration)


def arrive(session: Session, deps: Dependencies, link: Connection, credentials: Credentials, label: str) -> None:
    """These credentials opened an administration that is called `label`: from now on the locked link is that one's.
    In another one than before, the first invoice waits for a look at what stands there already."""
    known = all_()
    number = rules.number_of(_fingerprint(credentials), _fingerprints(deps, known, credentials, label))
    row = next((one for one in known if one.number == number), None)
    if row is None:
        row = _add(session, deps, number, credentials, label)
    row.username, row.label, row.seen_at = credentials.username, label, database_now(session)
    row.left_at = None
    if number != link.administration_number:
        _leave(session, link)
        link.administration_number = number
        link.behind_since, link.look_back_from = row.behind_since, row.look_back_from
        row.behind_since = row.look_back_from = None
        left_settings.bring_back(session, link, row)
        mark = update(Tenant).where(Tenant.id == link.tenant_id)
        session.execute(mark.values(look_back_since=row.seen_at, row_version=Tenant.row_version))
        _part_from_the_other(session, known[0].linked_at)


def _leave(session: Session, link: Connection) -> None:
    """The administration of a locked link is linked no more: what is its own stays with it. Its invoices are counted
    once, for there may be many."""
    left = select(Administration).where(Administration.number == link.administration_number)
    row = session.scalars(left).one_or_none()
    if row is None:
        return
    row.left_at, row.posted = database_now(session), count_posted(session, row.number)
    row.behind_since, row.look_back_from = link.behind_since, link.look_back_from
    left_settings.put_away(session, link, row)


def count_posted(session: Session, administration: int) -> int:
    """How many invoices stand in that administration, as far as we know."""
    there = InvoicePosting.administration == administration, InvoicePosting.state == states.POSTED
    return session.scalar(select(func.count()).select_from(InvoicePosting).where(*there)) or 0


def _part_from_the_other(session: Session, before: datetime) -> None:
    """What was read in another administration is known by its name from now on: an id of there is somebody else's here,
    and so may a code be. Who was made here with a code counts as read there, `before` any reading of here. What is
    known to be the same is taken up again when it is read (services/link/merging.py)."""
    relations = update(Relation).where(_is_of_there(Relation) | (Relation.sent_as != ""))
    asked: dict[str, Any] = {"seen_there_at": None, "asked_there_at": None, "asked_there": NOTHING, "sent_as": ""}
    articles = update(Article).where(_is_of_there(Article))
    for change in (
        relations.values(**_parted(Relation, before), **asked),
        articles.values(**_parted(Article, before)),
    ):
        session.execute(change.execution_options(synchronize_session=False))


def _is_of_there(model: type[Relation] | type[Article]) -> ColumnElement[bool]:
    return or_(model.remote_id.is_not(None), model.code.is_not(None))


def _parted(model: type[Relation] | type[Article], before: datetime) -> dict[str, Any]:
    read = func.coalesce(model.synced_at, before)
    return {"remote_id": None, "synced_at": read, "row_version": model.row_version + 1}


def _fingerprint(credentials: Credentials) -> str:
    return rules.fingerprint(credentials.username, credentials.code1.reveal(), credentials.code2.reveal())


def _fingerprints(
    deps: Dependencies, known: Sequence[Administration], present: Credentials, label: str
) -> dict[int, str]:
    """By number. One that cannot be read any more, for its key is gone, is taken for the present one when user and name
    are the same."""
    found = {}
    for row in known:
        try:
            found[row.number] = unseal(deps.settings.credentials_keys, row.fingerprint_sealed, place(row)).reveal()
        except CannotUnseal:
            same = (row.username, row.label) == (present.username, label)
            found[row.number] = _fingerprint(present) if same else ""
    return found


def _add(session: Session, deps: Dependencies, number: int, credentials: Credentials, label: str) -> Administration:
    now = database_now(session)
    row = Administration(tenant_id=credentials.tenant_id, number=number, linked_at=now, seen_at=now)
    row.username, row.label = credentials.username, label
    row.fingerprint_sealed = seal(deps.settings.credentials_keys, _fingerprint(credentials), place(row))
    session.add(row)
    return row
