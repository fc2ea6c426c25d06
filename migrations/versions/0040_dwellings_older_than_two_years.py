"""dwellings older than two years

Revision: 0040, after 0039.

Of a work site who declared that it is a dwelling older than two years, and on which day; the same of an order, for one
without a work site and for what its invoice went out under.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

RUNS_BESIDE = "7b2bfd3"


def upgrade() -> None:
    for table in ("location", "work_order"):
        op.add_column(table, sa.Column("dwelling_declared_on", sa.Date()))
        op.add_column(
            table, sa.Column("dwelling_declared_by", sa.String(100), nullable=False, server_default="")
        )


def downgrade() -> None:
    for table in ("work_order", "location"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("dwelling_declared_by")
            batch.drop_column("dwelling_declared_on")
