"""A part of migration 0011: work that is due.

A table that says which tenant waits for the worker (models/due.py), counts of postings for the monitoring, indexes for
what is thrown away, and an anchor per tenant for who seals its trail. Every tenant begins with every kind of work: the
first round finds out what there really is.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from uuid_utils.compat import uuid7

from migrations.shape.tenants import each_tenant, fence

KINDS = ("postings", "seal", "bulk", "read")
COUNTS = ("sending", "not_sent", "conflict")
GOING_ON = sa.text("ended_at IS NULL")
INDEXES = (
    ("login_session", ["created_at"]),
    ("throttle", ["last_at"]),
    ("token", ["expires_at"]),
    ("mail", ["state", "created_at"]),
)


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index("_".join(["ix", table, *columns]), table, columns)
    op.create_index(
        "ix_support_visit_going_on", "support_visit", ["ends_at"], sqlite_where=GOING_ON, postgresql_where=GOING_ON
    )
    for name in COUNTS:
        op.add_column("tenant_status", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    _due_work()
    _anchors()


def _due_work() -> None:
    table = op.create_table(
        "due_work",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stamp", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_due_work_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "what", name="pk_due_work"),
    )
    op.create_index("ix_due_work_what_due_at", "due_work", ["what", "due_at"])
    bind, now = op.get_bind(), datetime.now(UTC)
    for tenant in bind.scalars(sa.text("SELECT id FROM tenant ORDER BY id")).all():
        rows = [{"tenant_id": tenant, "what": what, "due_at": now, "stamp": uuid7()} for what in KINDS]
        bind.execute(sa.insert(table), rows)


def _anchors() -> None:
    table = op.create_table(
        "tenant_anchor",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_tenant_anchor_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_tenant_anchor"),
        sa.UniqueConstraint("tenant_id", name="uq_tenant_anchor_tenant_id"),
    )
    fence("tenant_anchor")
    for tenant in each_tenant():
        op.get_bind().execute(sa.insert(table), {"tenant_id": tenant, "id": uuid7()})
    with op.batch_alter_table("audit_entry") as batch:
        batch.create_foreign_key("fk_audit_entry_anchor", "tenant_anchor", ["tenant_id"], ["tenant_id"])
    _append_only()


def _append_only() -> None:
    """SQLite made the table anew, without the triggers of 0005."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb.upper()} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END"
        )


def downgrade() -> None:
    with op.batch_alter_table("audit_entry") as batch:
        batch.drop_constraint("fk_audit_entry_anchor", type_="foreignkey")
    _append_only()
    op.drop_table("tenant_anchor")
    op.drop_table("due_work")
    for name in reversed(COUNTS):
        op.drop_column("tenant_status", name)
    op.drop_index("ix_support_visit_going_on", "support_visit")
    for table, columns in reversed(INDEXES):
        op.drop_index("_".join(["ix", table, *columns]), table)
