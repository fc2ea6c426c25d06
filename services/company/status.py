"""Support's overview, the monitoring and the nightly round: counts without content, and who takes which night."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from domain import posting as states
from models import InvoicePosting, TenantStatus
from services.company import tenants
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db

_MOVING = (states.SENDING, states.UNCERTAIN)
_UNSETTLED = (*_MOVING, states.NOT_SENT, states.REFUSED, states.CONFLICT)


def count_trouble(tenant_id: int) -> None:
    """Write the entered tenant's counts of refused and uncertain postings, when they changed."""
    query = select(InvoicePosting.state, func.count()).where(
        InvoicePosting.state.in_((states.REFUSED, states.UNCERTAIN))
    )
    counts = {row[0]: row[1] for row in db.session.execute(query.group_by(InvoicePosting.state))}
    wanted = counts.get(states.REFUSED, 0), counts.get(states.UNCERTAIN, 0)
    present = db.session.get(TenantStatus, tenant_id)
    if present is None or (present.refused, present.uncertain) == wanted:
        return
    with write_transaction() as session:
        row = session.get(TenantStatus, tenant_id)
        if row is not None:
            row.refused, row.uncertain = wanted


@dataclass(frozen=True)
class Unsettled:
    """Postings of all tenants that are not settled: how many per state, and how old the oldest under way is."""

    by_state: dict[str, float]
    oldest_seconds: float


def unsettled() -> Unsettled:
    """Count them, one tenant after another as the fence wants it. Leaves the present tenant.

    The age is of what moves by itself (sending, uncertain); the rest waits for a person.
    """
    counts: Counter[str] = Counter(dict.fromkeys(_UNSETTLED, 0))
    oldest = 0.0
    since = func.min(func.coalesce(InvoicePosting.sent_at, InvoicePosting.created_at))
    query = select(InvoicePosting.state, func.count(), since).where(InvoicePosting.state.in_(_UNSETTLED))
    tenants.leave()
    for tenant_id in tenants.all_ids():
        tenants.leave()
        tenants.process(tenant_id, "Crafter")
        now = database_now(db.session())
        for state, number, first in db.session.execute(query.group_by(InvoicePosting.state)):
            counts[state] += number
            if state in _MOVING:
                oldest = max(oldest, (now - first).total_seconds())
    tenants.leave()
    return Unsettled({state: float(number) for state, number in counts.items()}, oldest)


def claim_night(tenant_id: int, night: date) -> bool:
    """Take a tenant's nightly round; False when another worker has it already."""
    with write_transaction() as session:
        row = session.scalars(select(TenantStatus).where(TenantStatus.tenant_id == tenant_id).with_for_update()).one()
        if row.claimed_night == night:
            return False
        row.claimed_night = night
        return True
