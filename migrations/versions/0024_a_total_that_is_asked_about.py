"""a total that is asked about

Revision: 0024, after 0023.

The total of an order's invoice that somebody said yes to, and above how many euros a company wants to be asked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

RUNS_BESIDE = "7951cca"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("sure_of_total", sa.Numeric(15, 2)))
    op.add_column("connection", sa.Column("ask_above", sa.Numeric(15, 2), nullable=False, server_default="25000"))


def downgrade() -> None:
    with op.batch_alter_table("connection") as batch:
        batch.drop_column("ask_above")
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("sure_of_total")
