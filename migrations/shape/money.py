"""A part of migration 0011: sums of money have room for thirteen digits before the point. A quantity and a price that
both fit made a total that PostgreSQL refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

SUMS = {
    "work_order": ("total_excl",),
    "invoice_posting": ("excl", "vat", "incl", "remote_excl", "remote_vat", "remote_incl"),
    "bulk_job": ("excl",),
}


def upgrade() -> None:
    _as(sa.Numeric(15, 2), sa.Numeric(12, 2))


def downgrade() -> None:
    _as(sa.Numeric(12, 2), sa.Numeric(15, 2))


def _as(kind: sa.Numeric, was: sa.Numeric) -> None:
    for table, columns in SUMS.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.alter_column(column, type_=kind, existing_type=was)
