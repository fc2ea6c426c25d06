"""terms

Revision: 0045, after 0044.

An order may be billed in terms over an agreed sum. The last term is claimed as term:last, which is what counts as
billing the order, beside whole; no released state wrote the claim of a term, so that no row has to be called otherwise.
What is left of an order of which terms stand over there waits for its invoice as one that was not billed at all.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import fence

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

RUNS_BESIDE = "494fdc5"
_COLUMNS = ["tenant_id", "state", "year", "serial"]


def upgrade() -> None:
    op.add_column("work_order", sa.Column("agreed_excl", sa.Numeric(15, 2)))
    op.create_table(
        "billing_term",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(50), nullable=False),
        sa.Column("percent", sa.Numeric(5, 2)),
        sa.Column("amount", sa.Numeric(15, 2)),
        sa.CheckConstraint(
            "(percent IS NULL) <> (amount IS NULL)", name=op.f("ck_billing_term_percent_or_amount")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["work_order.tenant_id", "work_order.id"],
            name="fk_billing_term_tenant_id_order_id",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_billing_term_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_billing_term"),
        sa.UniqueConstraint("tenant_id", "order_id", "n", name="uq_billing_term_tenant_id_order_id_n"),
    )
    fence("billing_term")
    _to_invoice("billing IN ('none', 'partly')")


def downgrade() -> None:
    _to_invoice("billing = 'none'")
    op.drop_table("billing_term")
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("agreed_excl")


def _to_invoice(billing: str) -> None:
    op.drop_index("ix_work_order_to_invoice", "work_order")
    waits = sa.text(f"state = 'approved' AND {billing}")
    op.create_index("ix_work_order_to_invoice", "work_order", _COLUMNS, sqlite_where=waits, postgresql_where=waits)
