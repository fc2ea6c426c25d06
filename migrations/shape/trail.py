"""A part of migration 0011: what happened is found by its kind and by whether support was there, and the orders at a
work site by the site, without reading all that happened and all orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BY_EVENT = "ix_audit_entry_tenant_id_event"
OF_VISITS = "ix_audit_entry_visits"
BY_LOCATION = "ix_work_order_tenant_id_location_id"


def upgrade() -> None:
    op.create_index(BY_EVENT, "audit_entry", ["tenant_id", "event", "at"])
    here = sa.text("visit_id IS NOT NULL")
    op.create_index(OF_VISITS, "audit_entry", ["tenant_id", "at"], sqlite_where=here, postgresql_where=here)
    op.create_index(BY_LOCATION, "work_order", ["tenant_id", "location_id"])


def downgrade() -> None:
    op.drop_index(BY_LOCATION, "work_order")
    op.drop_index(OF_VISITS, "audit_entry")
    op.drop_index(BY_EVENT, "audit_entry")
