"""A part of migration 0011: what a run of reading tells about records that could not be taken as they stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.add_column("sync_run", sa.Column("remark", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("sync_run") as batch:
        batch.drop_column("remark")
