"""names in the log

Revision: 0036, after 0035.

The lines of somebody are looked up by their name, where all of the log was read for a part of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

RUNS_BESIDE = "60aa776"


def upgrade() -> None:
    op.create_index("ix_audit_entry_person_name", "audit_entry", ["tenant_id", "person_name", "at"])
    where = sa.text("on_behalf_of > ''")
    op.create_index(
        "ix_audit_entry_on_behalf_of", "audit_entry", ["tenant_id", "on_behalf_of", "at"],
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_audit_entry_on_behalf_of", "audit_entry")
    op.drop_index("ix_audit_entry_person_name", "audit_entry")
