"""A part of migration 0011: what happened is found by its kind, and the orders at a work site by the site, without
reading all that happened and all orders."""

from __future__ import annotations

from alembic import op

BY_EVENT = "ix_audit_entry_tenant_id_event"
BY_LOCATION = "ix_work_order_tenant_id_location_id"


def upgrade() -> None:
    op.create_index(BY_EVENT, "audit_entry", ["tenant_id", "event", "at"])
    op.create_index(BY_LOCATION, "work_order", ["tenant_id", "location_id"])


def downgrade() -> None:
    op.drop_index(BY_LOCATION, "work_order")
    op.drop_index(BY_EVENT, "audit_entry")
