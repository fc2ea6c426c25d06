"""row level security

Revision: 0005, after 0004.

PostgreSQL: every tenant's table shows and accepts only rows of the tenant that the transaction names, also to the
tables' owner. A later migration that makes such a table gives it the same policy; a test over the catalog asks for it.
SQLite has no such thing; there two triggers keep the audit trail append-only, which on PostgreSQL the missing right
of the app's role does (`flask database grant`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# After a transaction that named a tenant the setting is '', not NULL, and ''::bigint would raise.
OURS = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"
APPEND_ONLY = ("audit_entry", "audit_seal")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _append_only():
            for verb in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END"
                )
        return
    for table in _tenant_tables():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_of_tenant ON {table} USING ({OURS}) WITH CHECK ({OURS})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _append_only():
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
        return
    for table in _tenant_tables():
        op.execute(f"DROP POLICY IF EXISTS {table}_of_tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _tenant_tables() -> list[str]:
    """The tables with the key of a tenant's table."""
    found = sa.inspect(op.get_bind())
    return [
        table for table in sorted(found.get_table_names())
        if found.get_pk_constraint(table)["constrained_columns"] == ["tenant_id", "id"]
    ]


def _append_only() -> list[str]:
    return [table for table in APPEND_ONLY if table in sa.inspect(op.get_bind()).get_table_names()]
