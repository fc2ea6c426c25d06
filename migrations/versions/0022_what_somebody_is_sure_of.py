"""what somebody is sure of

Revision: 0022, after 0021.

The day of execution that somebody confirmed, where it lies more than a year back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

RUNS_BESIDE = "b2b5167"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("sure_of_day", sa.Date()))


def downgrade() -> None:
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("sure_of_day")
