"""whose code it is

Revision: 0015, after 0014.

When a customer's code was last asked for over there, for an invoice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
RUNS_BESIDE = "ee663ce"


def upgrade() -> None:
    op.add_column("relation", sa.Column("seen_there_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("relation") as batch:
        batch.drop_column("seen_there_at")
