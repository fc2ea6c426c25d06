"""What waits for the worker, tenant by tenant: who has work that is due, and taking it away when nothing is left.

Work is brought by rows that say so (models/due.py), in the transaction that writes them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from domain import moments
from models import DueWork, Tenant
from models.due import BULK, COMPARE, POSTINGS, READ, SEAL, new_stamp, written_after
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

__all__ = ["BULK", "COMPARE", "POSTINGS", "READ", "SEAL", "hasten", "in_motion", "settle", "tenants_with"]


def tenants_with(*kinds: str, suspended: bool = False) -> list[int]:
    """The ids of the open tenants with work of one of these kinds that is due, longest due first; `suspended` ones too
    when asked. What was written down later than now, before a clock was set back, is due: how long it really waits
    nobody knows."""
    now = database_now(db.session())
    due = or_(DueWork.due_at <= now, written_after(now + moments.CLOCKS_DIFFER))
    query = select(DueWork.tenant_id).where(DueWork.what.in_(kinds), due)
    if not suspended:
        query = query.join(Tenant, Tenant.id == DueWork.tenant_id).where(Tenant.suspended_at.is_(None))
    return list(dict.fromkeys(db.session.scalars(query.order_by(DueWork.due_at, DueWork.tenant_id))))


def in_motion(what: str) -> list[int]:
    """The ids of the open tenants with work of this kind, due or not yet."""
    query = select(DueWork.tenant_id).join(Tenant, Tenant.id == DueWork.tenant_id)
    return list(db.session.scalars(query.where(DueWork.what == what, Tenant.suspended_at.is_(None))))


def settle(tenant_id: int, what: str, still: Callable[[], datetime | None]) -> None:
    """After the work of a kind was done in the entered tenant: take it away when `still` finds nothing left, else leave
    it until the moment that `still` names. Work that somebody brings meanwhile stays."""
    mine = DueWork.tenant_id == tenant_id, DueWork.what == what
    # in this order: who brings work after this look gives the row another stamp
    present = db.session.execute(select(DueWork.stamp, DueWork.due_at).where(*mine)).one_or_none()
    if present is None:
        return
    again = still()
    if again is not None and again <= present.due_at:
        return
    seen = (*mine, DueWork.stamp == present.stamp)
    with write_transaction() as session:
        if again is None:
            session.execute(delete(DueWork).where(*seen))
        else:
            stamp = new_stamp(database_now(session))
            session.execute(update(DueWork).where(*seen).values(due_at=again, stamp=stamp))


def hasten(session: Session, tenant_id: int, *kinds: str) -> None:
    """What waits in a tenant for a later moment is due now; inside the caller's transaction."""
    waits = update(DueWork).where(DueWork.tenant_id == tenant_id, DueWork.what.in_(kinds))
    now = database_now(session)
    session.execute(waits.values(due_at=now, stamp=new_stamp(now)))
