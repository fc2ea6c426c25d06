"""what we say in a row is a key and its values

Revision: 0008, after 0007.

The columns get room for that; what stands in them stays as it was written, and is shown so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = {
    "bulk_item": {"reason": 300},
    "bulk_job": {"reason": 300},
    "invoice_number": {"reason": 300},
    "invoice_posting": {"why": 300, "note": 300},
    "login_session": {"device": 100},
    "posting_attempt": {"why": 300},
    "sync_run": {"error": 300},
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for column, length in columns.items():
                batch.alter_column(column, existing_type=sa.String(length), type_=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for column, length in columns.items():
                batch.alter_column(column, existing_type=sa.Text(), type_=sa.String(length), existing_nullable=False)
