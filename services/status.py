"""Support's overview and the nightly round: counts without content, and who takes which night."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from domain import posting as states
from models import InvoicePosting, TenantStatus
from services._transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db


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
            row.counted_at = database_now(session)


def claim_night(tenant_id: int, night: date) -> bool:
    """Take a tenant's nightly round; False when another worker has it already."""
    with write_transaction() as session:
        row = session.scalars(select(TenantStatus).where(TenantStatus.tenant_id == tenant_id).with_for_update()).one()
        if row.claimed_night == night:
            return False
        row.claimed_night = night
        return True
