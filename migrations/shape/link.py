"""A part of migration 0011: what the link tells. Until when the bookkeeping takes no calls, and what a run of reading says
about records that could not be taken as they stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.add_column("connection", sa.Column("paused_until", sa.DateTime(timezone=True)))
    op.add_column("sync_run", sa.Column("remark", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for table, column in (("sync_run", "remark"), ("connection", "paused_until")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
