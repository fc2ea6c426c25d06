"""the number over there

Revision: 0017, after 0016.

Under which number a posted invoice stands in the bookkeeping, where somebody gave it another one than ours.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RUNS_BESIDE = "27ca626"


def upgrade() -> None:
    op.add_column("invoice_posting", sa.Column("remote_number", sa.String(50), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("invoice_posting") as batch:
        batch.drop_column("remote_number")
