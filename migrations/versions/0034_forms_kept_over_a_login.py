"""forms kept over a login

Revision: 0034, after 0033.

What somebody sent when their login was gone, encrypted, until they are logged in again: an hour at most.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

RUNS_BESIDE = "c1ebfa1"


def upgrade() -> None:
    op.create_table(
        "kept_form",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_kept_form"),
    )
    op.create_index("ix_kept_form_person_id", "kept_form", ["person_id"])
    op.create_index("ix_kept_form_created_at", "kept_form", ["created_at"])


def downgrade() -> None:
    op.drop_table("kept_form")
