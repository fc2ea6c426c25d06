"""what is gone is counted

Revision: 0019, after 0018.

How many invoices of a tenant vanished from its books, beside the other counts that support sees.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

RUNS_BESIDE = "1492d23"


def upgrade() -> None:
    op.add_column("tenant_status", sa.Column("gone", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("tenant_status") as batch:
        batch.drop_column("gone")
