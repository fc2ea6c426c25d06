"""known to be behind

Revision: 0014, after 0013.

Since when a link is known to be behind its books, and from which day on those are held against ours.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RUNS_BESIDE = "cb9d443"


def upgrade() -> None:
    op.add_column("connection", sa.Column("behind_since", sa.DateTime(timezone=True)))
    op.add_column("connection", sa.Column("look_back_from", sa.Date()))


def downgrade() -> None:
    with op.batch_alter_table("connection") as batch:
        batch.drop_column("look_back_from")
        batch.drop_column("behind_since")
