"""support and audit: consent, modes of a visit, both ids on every entry, the seals

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tenant") as batch:
        batch.add_column(sa.Column("support_reading", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch.add_column(sa.Column("support_acting_until", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("suspended_reason", sa.String(length=300), nullable=False, server_default=""))
    with op.batch_alter_table("tenant_status") as batch:
        batch.add_column(sa.Column("seals", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("support_visit") as batch:
        batch.add_column(sa.Column("mode", sa.String(length=10), nullable=False, server_default="reading"))
        batch.add_column(sa.Column("ticket", sa.String(length=60), nullable=False, server_default=""))
        batch.add_column(sa.Column("broke_glass", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("subject_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("subject_name", sa.String(length=100), nullable=False, server_default=""))
    op.create_index("ix_support_visit_staff_id_started_at", "support_visit", ["staff_id", "started_at"])
    with op.batch_alter_table("audit_entry") as batch:
        batch.add_column(sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("visit_id", sa.Uuid(), nullable=True))
    op.create_index("ix_audit_entry_tenant_id_visit_id", "audit_entry", ["tenant_id", "visit_id"])
    op.create_table(
        "audit_seal",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_version", sa.String(length=20), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_audit_seal_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_audit_seal_tenant_id_number")),
    )


def downgrade() -> None:
    op.drop_table("audit_seal")
    op.drop_index("ix_audit_entry_tenant_id_visit_id", "audit_entry")
    with op.batch_alter_table("audit_entry") as batch:
        batch.drop_column("visit_id")
        batch.drop_column("on_behalf_of_id")
    op.drop_index("ix_support_visit_staff_id_started_at", "support_visit")
    with op.batch_alter_table("support_visit") as batch:
        for name in ("subject_name", "subject_id", "broke_glass", "ticket", "mode"):
            batch.drop_column(name)
    with op.batch_alter_table("tenant_status") as batch:
        batch.drop_column("seals")
    with op.batch_alter_table("tenant") as batch:
        for name in ("suspended_reason", "support_acting_until", "support_reading"):
            batch.drop_column(name)
