"""forms that were carried out

Revision: 0033, after 0032.

Which forms were carried out, so that a second press of one leads to what the first one did.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

RUNS_BESIDE = "7dfb564"


def upgrade() -> None:
    op.create_table(
        "form_done",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("typed", sa.String(64), nullable=False),
        sa.Column("made_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_form_done"),
    )
    op.create_index("ix_form_done_created_at", "form_done", ["created_at"])


def downgrade() -> None:
    op.drop_table("form_done")
