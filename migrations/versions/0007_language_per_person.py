"""a language per person, and per tenant for who joins it

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("language", sa.String(length=5), nullable=False, server_default="nl"))
    op.add_column("tenant", sa.Column("language", sa.String(length=5), nullable=False, server_default="nl"))


def downgrade() -> None:
    with op.batch_alter_table("tenant") as batch_op:
        batch_op.drop_column("language")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_column("language")
