"""customers of another administration

Revision: 0028, after 0027.

Who was read in another administration than the one that is linked, and waits until somebody says who it is there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

RUNS_BESIDE = "d94ae44"
ELSEWHERE = sa.text("coalesce(remote_id, -1) = -1 AND synced_at IS NOT NULL AND vanished_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_relation_elsewhere",
        "relation",
        ["tenant_id", "sort_name", "id"],
        sqlite_where=ELSEWHERE,
        postgresql_where=ELSEWHERE,
    )


def downgrade() -> None:
    op.drop_index("ix_relation_elsewhere", "relation")
