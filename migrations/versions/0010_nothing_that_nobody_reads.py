"""nothing that nobody reads

Revision: 0010, after 0009.

Columns that were written and never read. SQLite can leave them out by themselves, as in 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("tenant", "is_demo")
    op.drop_column("tenant_status", "counted_at")
    op.drop_column("ledger_account", "remote_id")


def downgrade() -> None:
    op.add_column("ledger_account", sa.Column("remote_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("tenant_status", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tenant", sa.Column("is_demo", sa.Boolean(), nullable=False, server_default=sa.false()))
