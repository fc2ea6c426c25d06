"""a code that moved

Revision: 0025, after 0024.

Since when the code that an invoice went out under is known to be somebody else's over there, and whose.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

RUNS_BESIDE = "bdb1867"
RAISED = sa.text("code_moved_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("invoice_posting", sa.Column("code_moved_at", sa.DateTime(timezone=True)))
    op.add_column("invoice_posting", sa.Column("code_moved", sa.Text(), nullable=False, server_default=""))
    op.create_index(
        "ix_invoice_posting_code_moved",
        "invoice_posting",
        ["tenant_id", "code_moved_at"],
        sqlite_where=RAISED,
        postgresql_where=RAISED,
    )


def downgrade() -> None:
    op.drop_index("ix_invoice_posting_code_moved", "invoice_posting")
    with op.batch_alter_table("invoice_posting") as batch:
        batch.drop_column("code_moved")
        batch.drop_column("code_moved_at")
