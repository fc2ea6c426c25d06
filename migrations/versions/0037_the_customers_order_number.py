"""the customer's order number

Revision: 0037, after 0036.

What a customer calls the job, on the order; and whether a customer takes no invoice without it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

RUNS_BESIDE = "9c1a674"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("customer_order_number", sa.String(50), nullable=False, server_default=""))
    op.add_column("relation", sa.Column("asks_order_number", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("relation") as batch:
        batch.drop_column("asks_order_number")
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("customer_order_number")
