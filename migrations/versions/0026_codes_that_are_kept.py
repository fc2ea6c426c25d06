"""codes that are kept

Revision: 0026, after 0025.

Of an administration that was left: since when, how many invoices stood there then, and the sealed codes by which what is
open there is still looked up.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

RUNS_BESIDE = "89e5373"
ADDED = ("code1_sealed", "code2_sealed", "kept_version", "kept_at", "paused_until", "left_at", "posted")


def upgrade() -> None:
    for name in ("code1_sealed", "code2_sealed"):
        op.add_column("administration", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("kept_version", "posted"):
        op.add_column("administration", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in ("kept_at", "paused_until", "left_at"):
        op.add_column("administration", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("administration") as batch:
        for name in reversed(ADDED):
            batch.drop_column(name)
