"""asked ahead

Revision: 0021, after 0020.

When a page last asked whom a customer's code leads to over there, ahead of a press, and what came of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

RUNS_BESIDE = "1f883c5"


def upgrade() -> None:
    op.add_column("relation", sa.Column("asked_there_at", sa.DateTime(timezone=True)))
    op.add_column("relation", sa.Column("asked_there", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("relation") as batch:
        batch.drop_column("asked_there")
        batch.drop_column("asked_there_at")
