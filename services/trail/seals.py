"""Sealing the audit trail in batches, and verifying it.

A seal covers every entry of a tenant after the moment of the seal before, through a moment of its own. Times come from
the database's clock. A transaction may commit an entry some time after it looked at that clock; so the last minute is
left for the next seal, and on PostgreSQL the tenant's anchor is locked: every insert of an entry holds that row shared,
through its foreign key, so that nobody is halfway while a seal is made. On SQLite the write lock does this.
An entry that turns up later inside a sealed time is therefore a break, and verifying says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain.posting import SENDING
from models import AuditEntry, AuditSeal, InvoicePosting, Tenant, TenantAnchor, TenantStatus
from models.audit import MARGIN
from oversight import chain
from services import due_work
from services.company import tenants
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tenancy.fence import enter

MOST = 2000  # entries in one seal
AT_ONCE = 10  # seals a tenant gets in one round


@dataclass(frozen=True)
class Verdict:
    """How a tenant's trail stands. `broken` is the first break in Dutch, or empty; `head` the hash of the last seal, to
    keep elsewhere: who removes the end of the trail together with its count in the database, is caught only by that."""

    slug: str
    seals: int
    sealed: int
    unsealed: int
    head: str
    broken: str = ""


def all_tenants() -> list[tuple[int, str]]:
    """Id and short name of every tenant, suspended ones too."""
    return [(row.id, row.slug) for row in db.session.execute(select(Tenant.id, Tenant.slug).order_by(Tenant.id))]


def seal(keys: Mapping[str, bytes], tenant_id: int, margin: timedelta = MARGIN) -> int:
    """Seal what is old enough, in as many seals as it takes but at most `AT_ONCE`; how many entries. The last key
    seals. What is left stays due."""
    total = 0
    for _ in range(AT_ONCE):
        sealed = _seal_once(keys, tenant_id, margin)
        total += sealed
        if sealed < MOST:
            break
    due_work.settle(tenant_id, due_work.SEAL, _next)
    return total


def _next() -> datetime | None:
    """From when on the entered tenant has something to seal. The outcome of an invoice under way brings an entry, and
    no mark (models/due.py): so while one is, there will be."""
    # in this order: an outcome that comes after this look is under way now, and the entry of one before it is there
    under_way = db.session.scalar(select(InvoicePosting.id).where(InvoicePosting.state == SENDING).limit(1))
    oldest = db.session.scalar(_unsealed(select(func.min(AuditEntry.at)), _last(db.session())))
    if oldest is None and under_way is None:
        return None
    return (oldest or database_now(db.session())) + MARGIN


def _seal_once(keys: Mapping[str, bytes], tenant_id: int, margin: timedelta) -> int:
    tenants.leave()
    enter(db.session(), tenant_id)
    if not _waiting(db.session(), _last(db.session())):
        return 0
    with write_transaction() as session:
        locked = session.scalars(select(TenantAnchor.id).with_for_update(skip_locked=True))
        if locked.one_or_none() is None:
            return 0  # somebody is writing; the next round comes within a minute
        last, now = _last(session), database_now(session)
        batch = _batch(session, last, now - margin)
        if not batch:
            return 0
        version = list(keys)[-1]
        made = AuditSeal(
            tenant_id=tenant_id, number=last.number + 1 if last else 1, after=last.through if last else None,
            through=batch[-1].at, first_id=batch[0].id, last_id=batch[-1].id, count=len(batch),
            previous=last.hash if last else chain.FIRST, key_version=version, sealed_at=now,
        )  # fmt: skip
        made.hash = chain.hash_of(keys[version], made, batch)
        session.add(made)
        status = session.get(TenantStatus, tenant_id)
        if status is not None:
            status.seals = made.number
        return len(batch)


def _last(session: Session) -> AuditSeal | None:
    return session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).one_or_none()


def _waiting(session: Session, last: AuditSeal | None) -> bool:
    return session.scalars(_unsealed(select(AuditEntry.id), last).limit(1)).first() is not None


def _unsealed(query: Select[*tuple[Any, ...]], last: AuditSeal | None) -> Select[*tuple[Any, ...]]:
    return query.where(AuditEntry.at > last.through) if last else query


def _batch(session: Session, last: AuditSeal | None, until: datetime) -> Sequence[AuditEntry]:
    """The next entries to seal; those of one moment are never split over two seals."""
    query = select(AuditEntry).where(AuditEntry.at <= until).order_by(AuditEntry.at, AuditEntry.id)
    if last:
        query = query.where(AuditEntry.at > last.through)
    found = session.scalars(query.limit(MOST)).all()
    if len(found) < MOST:
        return found
    return session.scalars(query.where(AuditEntry.at <= found[-1].at)).all()


def verify(keys: Mapping[str, bytes], slug: str = "") -> list[Verdict]:
    """Every tenant's trail against its seals, or one tenant's. Raises LookupError for an unknown one."""
    tenants.leave()
    chosen = [(tenant_id, name) for tenant_id, name in all_tenants() if slug in ("", name)]
    if slug and not chosen:
        raise LookupError(slug)
    found = []
    for tenant_id, name in chosen:
        tenants.leave()
        enter(db.session(), tenant_id)
        found.append(_verify(db.session(), keys, tenant_id, name))
    tenants.leave()
    return found


def _verify(session: Session, keys: Mapping[str, bytes], tenant_id: int, slug: str) -> Verdict:
    expected, sealed = 1, 0
    previous: AuditSeal | None = None
    broken = ""
    while True:
        row = session.scalars(
            select(AuditSeal).where(AuditSeal.number >= expected).order_by(AuditSeal.number).limit(1)
        ).one_or_none()
        if row is None:
            break
        broken = broken or _break(session, keys, previous, row)
        sealed += row.count
        previous, expected = row, row.number + 1
        session.expunge_all()  # a long trail is not kept in memory
    number = previous.number if previous else 0
    status = session.get(TenantStatus, tenant_id)
    if not broken and status is not None and status.seals != number:
        broken = f"er horen {status.seals} zegels te zijn; het laatste is nummer {number}"
    query = select(func.count()).select_from(AuditEntry)
    if previous:
        query = query.where(AuditEntry.at > previous.through)
    unsealed = session.scalar(query) or 0
    return Verdict(slug, number, sealed, unsealed, previous.hash if previous else "", broken)


def _break(session: Session, keys: Mapping[str, bytes], previous: AuditSeal | None, row: AuditSeal) -> str:
    """What is wrong with one seal, in Dutch, or nothing."""
    name = f"zegel {row.number}"
    number = previous.number + 1 if previous else 1
    if row.number != number:
        return f"zegel {number} ontbreekt"
    if row.previous != (previous.hash if previous else chain.FIRST) or row.after != (
        previous.through if previous else None
    ):
        return f"{name} sluit niet aan op het zegel ervoor"
    if row.key_version not in keys:
        return f"{name} is gemaakt met sleutel {row.key_version}, die er niet meer is"
    query = select(AuditEntry).where(AuditEntry.at <= row.through).order_by(AuditEntry.at, AuditEntry.id)
    if row.after:
        query = query.where(AuditEntry.at > row.after)
    entries = session.scalars(query).all()
    if chain.same(row.hash, chain.hash_of(keys[row.key_version], row, entries)):
        return ""
    if len(entries) != row.count:
        return f"{name} telt {row.count} regels; er zijn er {len(entries)}{_ends(entries, row)}"
    return f"{name} klopt niet: een regel van {row.after or 'het begin'} tot en met {row.through} is veranderd"


def _ends(entries: Sequence[AuditEntry], row: AuditSeal) -> str:
    ids: list[UUID] = [entry.id for entry in entries]
    gone = [str(wanted) for wanted in (row.first_id, row.last_id) if wanted not in ids]
    return f" (regel {gone[0]} ontbreekt)" if gone else ""
