"""codes hashed as passwords

Revision: 0030, after 0029.

Room for recovery codes that are hashed as passwords and found by their first letters, and when a second factor that is not
confirmed was begun.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

RUNS_BESIDE = "6be6f5f"


def upgrade() -> None:
    op.add_column("person", sa.Column("totp_begun_at", sa.DateTime(timezone=True)))
    op.add_column("recovery_code", sa.Column("start", sa.String(4), nullable=False, server_default=""))
    with op.batch_alter_table("recovery_code") as batch:
        batch.alter_column("key", type_=sa.String(120), existing_type=sa.String(64), existing_nullable=False)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM recovery_code WHERE start <> ''"))
    with op.batch_alter_table("recovery_code") as batch:
        batch.alter_column("key", type_=sa.String(64), existing_type=sa.String(120), existing_nullable=False)
        batch.drop_column("start")
    with op.batch_alter_table("person") as batch:
        batch.drop_column("totp_begun_at")
