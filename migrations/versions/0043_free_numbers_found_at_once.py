"""free numbers found at once

Revision: 0043, after 0042.

There is seldom a free number, and every press asks for one: without an index of its own that reads all of the year.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

RUNS_BESIDE = "7c8df25"
_FREE = sa.text("state = 'free'")


def upgrade() -> None:
    op.create_index(
        "ix_invoice_number_free",
        "invoice_number",
        ["tenant_id", "prefix", "year"],
        sqlite_where=_FREE,
        postgresql_where=_FREE,
    )


def downgrade() -> None:
    op.drop_index("ix_invoice_number_free", "invoice_number")
