"""the date of an invoice

Revision: 0044, after 0043.

The date that somebody chose for the invoice of an order (empty: the day on which it is posted).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

RUNS_BESIDE = "c91ef12"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("invoice_on", sa.Date()))


def downgrade() -> None:
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("invoice_on")
