"""whether it is paid

Revision: 0039, after 0038.

Of a posted invoice how it stands with its payment, in a table of its own; of an administration when its open items were
last read whole, and what kept them from being so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import fence

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

RUNS_BESIDE = "9ac1e6d"


def upgrade() -> None:
    op.add_column("administration", sa.Column("payments_at", sa.DateTime(timezone=True)))
    op.add_column("administration", sa.Column("payments_remark", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "payment",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("administration", sa.Integer(), nullable=False),
        sa.Column("relation_id", sa.Uuid()),
        sa.Column("relation_code", sa.String(15), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("outstanding", sa.Numeric(15, 2)),
        sa.Column("due_on", sa.Date()),
        sa.Column("was_open", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True)),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{there}.tenant_id", f"{there}.id"], name=f"fk_payment_tenant_id_{column}"
            )
            for column, there in (("posting_id", "invoice_posting"), ("relation_id", "relation"))
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_payment_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_payment"),
        sa.UniqueConstraint("tenant_id", "posting_id", name="uq_payment_tenant_id_posting_id"),
    )
    op.create_index("ix_payment_tenant_id_state", "payment", ["tenant_id", "state", "due_on"])
    op.create_index("ix_payment_tenant_id_relation_id", "payment", ["tenant_id", "relation_id", "state"])
    fence("payment")


def downgrade() -> None:
    op.drop_table("payment")
    with op.batch_alter_table("administration") as batch:
        batch.drop_column("payments_remark")
        batch.drop_column("payments_at")
