"""what is told by mail: one row per event, and which kinds somebody does not want

Revision: 0013, after 0012.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RUNS_BESIDE = "75c9616"


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_notice_tenant_id"),
        sa.UniqueConstraint("tenant_id", "kind", "event", name="uq_notice_tenant_id_kind_event"),
    )
    waiting = sa.text("written_at IS NULL")
    op.create_index("ix_notice_waiting", "notice", ["since"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_notice_since", "notice", ["since"])
    op.add_column("membership", sa.Column("unwanted", sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("membership") as batch:
        batch.drop_column("unwanted")
    op.drop_table("notice")
