"""orders to invoice

Revision: 0035, after 0034.

The list of what waits for its invoice read all orders on PostgreSQL before it sorted them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

RUNS_BESIDE = "60aa776"


def upgrade() -> None:
    where = sa.text("state = 'approved' AND billing = 'none'")
    op.create_index(
        "ix_work_order_to_invoice", "work_order", ["tenant_id", "state", "year", "serial"],
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_work_order_to_invoice", "work_order")
