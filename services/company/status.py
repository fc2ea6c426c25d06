"""Support's overview, the monitoring and the nightly round: counts without content, and who takes which night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select

from domain import posting as states
from domain.link import LinkState
from models import DueWork, InvoicePosting, Tenant, TenantStatus
from services import due_work
from services.company import tenants
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

_MOVING = (states.SENDING, states.UNCERTAIN)
_UNSETTLED = (*_MOVING, states.NOT_SENT, states.REFUSED, states.CONFLICT, states.GONE)


def count_postings(tenant_id: int) -> None:
    """Write the entered tenant's counts of postings that are not settled, when they changed."""
    counts = {state: number for state, number, _since in _count()}
    wanted = {state: counts.get(state, 0) for state in _UNSETTLED}
    present = db.session.get(TenantStatus, tenant_id)
    if present is None or wanted == {state: getattr(present, state) for state in _UNSETTLED}:
        return
    with write_transaction() as session:
        row = session.get(TenantStatus, tenant_id)
        if row is not None:
            for state, number in wanted.items():  # the columns are named as the states
                setattr(row, state, number)


def _count() -> Sequence[tuple[str, int, datetime]]:
    """Per state of the entered tenant's unsettled postings: how many, and since when the oldest."""
    since = func.min(func.coalesce(InvoicePosting.sent_at, InvoicePosting.created_at))
    query = select(InvoicePosting.state, func.count(), since).where(InvoicePosting.state.in_(_UNSETTLED))
    return [(state, number, first) for state, number, first in db.session.execute(query.group_by(InvoicePosting.state))]


@dataclass(frozen=True)
class Unsettled:
    """Postings of all tenants that are not settled: how many per state, and how old the oldest under way is."""

    by_state: dict[str, float]
    oldest_seconds: float


def unsettled() -> Unsettled:
    """Count them: what the worker counted, and anew in tenants whose postings moved since. Leaves the present tenant.

    The age is of what moves by itself (sending, uncertain); the rest waits for a person.
    """
    tenants.leave()
    moving = due_work.in_motion(due_work.POSTINGS)
    counts: Counter[str] = Counter(_counted())
    oldest = 0.0
    for tenant_id in moving:
        tenants.leave()
        tenants.process(tenant_id, "Crafter")
        now = database_now(db.session())
        for state, number, first in _count():
            counts[state] += number
            if state in _MOVING:
                oldest = max(oldest, (now - first).total_seconds())
    tenants.leave()
    return Unsettled({state: float(number) for state, number in counts.items()}, oldest)


def _counted() -> dict[str, int]:
    """What the worker counted per state, in open tenants whose postings did not move since."""
    moved = select(DueWork.tenant_id).where(DueWork.what == due_work.POSTINGS)
    sums = (func.coalesce(func.sum(getattr(TenantStatus, state)), 0) for state in _UNSETTLED)
    query = select(*sums).join(Tenant, Tenant.id == TenantStatus.tenant_id)
    found = db.session.execute(query.where(Tenant.suspended_at.is_(None), TenantStatus.tenant_id.not_in(moved))).one()
    return {state: int(number) for state, number in zip(_UNSETTLED, found, strict=True)}


def syncing(night: date) -> list[int]:
    """The ids of the open tenants with an active link that nobody took for this night yet."""
    query = (
        select(TenantStatus.tenant_id)
        .join(Tenant, Tenant.id == TenantStatus.tenant_id)
        .where(
            Tenant.suspended_at.is_(None),
            TenantStatus.link_state == LinkState.ACTIVE,
            or_(TenantStatus.claimed_night.is_(None), TenantStatus.claimed_night != night),
        )
    )
    return list(db.session.scalars(query.order_by(TenantStatus.tenant_id)))


def claim_night(tenant_id: int, night: date) -> bool:
    """Take a tenant's nightly round; False when another worker has it already."""
    with write_transaction() as session:
        row = session.scalars(select(TenantStatus).where(TenantStatus.tenant_id == tenant_id).with_for_update()).one()
        if row.claimed_night == night:
            return False
        row.claimed_night = night
        return True
