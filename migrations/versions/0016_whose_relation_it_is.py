"""whose relation it is: as what one made here was sent to the bookkeeping, and numbers by which customers are the same

Revision: 0016, after 0015.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

RUNS_BESIDE = "93a602e"


def upgrade() -> None:
    op.add_column("relation", sa.Column("sent_as", sa.Text(), nullable=False, server_default=""))
    for column in ("coc_number", "vat_number"):
        op.create_index(f"ix_relation_tenant_id_{column}", "relation", ["tenant_id", column])


def downgrade() -> None:
    for column in ("coc_number", "vat_number"):
        op.drop_index(f"ix_relation_tenant_id_{column}", "relation")
    with op.batch_alter_table("relation") as batch:
        batch.drop_column("sent_as")
