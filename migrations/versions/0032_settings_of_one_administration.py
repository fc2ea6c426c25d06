"""settings of one administration

Revision: 0032, after 0031.

For which administration the invoice settings were chosen: the one that is linked, as far as anybody knows. Of one that
was left: its settings, and since when, and from which day, its books were known to hold more than this database.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import each_tenant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

RUNS_BESIDE = "a3a81f1"


def upgrade() -> None:
    op.add_column("connection", sa.Column("settings_of", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("administration", sa.Column("settings", sa.Text(), nullable=False, server_default=""))
    op.add_column("administration", sa.Column("behind_since", sa.DateTime(timezone=True)))
    op.add_column("administration", sa.Column("look_back_from", sa.Date()))
    chosen = sa.text("UPDATE connection SET settings_of = administration_number WHERE tenant_id = :tenant")
    for tenant in each_tenant():
        op.get_bind().execute(chosen, {"tenant": tenant})


def downgrade() -> None:
    with op.batch_alter_table("administration") as batch:
        for name in ("look_back_from", "behind_since", "settings"):
            batch.drop_column(name)
    with op.batch_alter_table("connection") as batch:
        batch.drop_column("settings_of")
