"""signs of this run

Revision: 0029, after 0028.

In which run of the database a sign of life was given, and how many its process gave by then.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

RUNS_BESIDE = "c5a10ea"


def upgrade() -> None:
    op.add_column("heartbeat", sa.Column("run", sa.String(80), nullable=False, server_default=""))
    op.add_column("heartbeat", sa.Column("beats", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("heartbeat") as batch:
        batch.drop_column("beats")
        batch.drop_column("run")
