"""work of more days

Revision: 0042, after 0041.

The first day of work that took more than one, for the period on its invoice (empty: it took one, or nobody said).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

RUNS_BESIDE = "af30b3c"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("executed_from", sa.Date()))


def downgrade() -> None:
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("executed_from")
