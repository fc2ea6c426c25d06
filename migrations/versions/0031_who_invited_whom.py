"""who invited whom

Revision: 0031, after 0030.

Who sent an invitation, with whose membership it ends, and whether a company asks a second factor of everybody.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

RUNS_BESIDE = "6be6f5f"


def upgrade() -> None:
    op.add_column("token", sa.Column("invited_by", sa.Uuid()))
    op.add_column("tenant", sa.Column("factor_for_all", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table, column in (("tenant", "factor_for_all"), ("token", "invited_by")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
