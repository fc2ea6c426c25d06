"""A part of migration 0011: what happened is found by its kind, without reading all that happened."""

from __future__ import annotations

from alembic import op

BY_EVENT = "ix_audit_entry_tenant_id_event"


def upgrade() -> None:
    op.create_index(BY_EVENT, "audit_entry", ["tenant_id", "event", "at"])


def downgrade() -> None:
    op.drop_index(BY_EVENT, "audit_entry")
