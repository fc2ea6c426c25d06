"""A part of migration 0011: every table that a form edits has a number that rises with each change of a row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

TABLES = (
    "tenant", "person", "membership", "company", "worker", "relation", "location", "article", "connection",
    "line_default", "visit",
)  # fmt: skip


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("row_version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_column(table, "row_version")
