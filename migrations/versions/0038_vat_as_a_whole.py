"""VAT as a whole

Revision: 0038, after 0037.

Which VAT the sales to a customer have as a whole, and what was chosen for one order instead (empty: nothing); what an
order was invoiced with; and when a company falls under the small business scheme.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

RUNS_BESIDE = "28506f1"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("vat_regime", sa.String(10), nullable=False, server_default=""))
    op.add_column("work_order", sa.Column("billed_regime", sa.String(10), nullable=False, server_default=""))
    op.add_column("company", sa.Column("small_since", sa.Date()))
    op.add_column("company", sa.Column("small_until", sa.Date()))
    op.add_column("relation", sa.Column("vat_regime", sa.String(10), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("relation") as batch:
        batch.drop_column("vat_regime")
    with op.batch_alter_table("company") as batch:
        batch.drop_column("small_until")
        batch.drop_column("small_since")
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("billed_regime")
        batch.drop_column("vat_regime")
