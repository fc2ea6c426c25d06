"""which administration

Revision: 0020, after 0019.

The administrations over there that a tenant was linked with. All that there is belongs to the first one; that gets its
row, with that by which it is recognised, when the codes are next saved, erased or started with.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import fence

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RUNS_BESIDE = "b0259be"
OF_ONE = ("relation", "article", "bulk_job")


def upgrade() -> None:
    op.create_table(
        "administration",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint_sealed", sa.Text(), nullable=False),
        sa.Column("username", sa.String(55), nullable=False),
        sa.Column("label", sa.String(150), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_administration_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_administration"),
        sa.UniqueConstraint("tenant_id", "number", name="uq_administration_tenant_id_number"),
    )
    fence("administration")
    op.add_column("connection", _number("administration_number"))
    for table in OF_ONE:
        op.add_column(table, _number("administration"))


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default="1")


def downgrade() -> None:
    for table in OF_ONE:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("administration")
    with op.batch_alter_table("connection") as batch:
        batch.drop_column("administration_number")
    op.drop_table("administration")
