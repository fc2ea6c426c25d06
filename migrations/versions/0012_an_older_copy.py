"""an older copy

Revision: 0012, after 0011.

Since when this database may be an older copy of itself, so that each tenant has to look back before it sends. It stands
with the tenant and not with its link, because it is written for all of them at once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RUNS_BESIDE = "2cd437e"


def upgrade() -> None:
    op.add_column("tenant", sa.Column("look_back_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("tenant") as batch:
        batch.drop_column("look_back_since")
