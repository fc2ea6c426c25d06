"""wages on the invoice

Revision: 0041, after 0040.

For the chain liability of a contractor: the company's blocked account, how much of the labour is wages with a customer
and how much of those goes to that account (empty: nothing was agreed), and the wages in one order when they are other
(empty: as was agreed).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

RUNS_BESIDE = "af30b3c"


def upgrade() -> None:
    op.add_column("company", sa.Column("g_account", sa.String(50), nullable=False, server_default=""))
    op.add_column("relation", sa.Column("wage_percent", sa.Numeric(5, 2)))
    op.add_column("relation", sa.Column("g_percent", sa.Numeric(5, 2)))
    op.add_column("work_order", sa.Column("wage_part", sa.Numeric(15, 2)))


def downgrade() -> None:
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("wage_part")
    with op.batch_alter_table("relation") as batch:
        batch.drop_column("g_percent")
        batch.drop_column("wage_percent")
    with op.batch_alter_table("company") as batch:
        batch.drop_column("g_account")
