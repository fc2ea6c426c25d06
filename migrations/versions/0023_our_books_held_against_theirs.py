"""our books held against theirs: runs, what they counted per month, what they found, and the day of each invoice

Revision: 0023, after 0022.

`invoice_posting.dated_on` is empty in rows of before: the first run fills it in from the frozen invoice, in steps.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import fence

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

RUNS_BESIDE = "71e0eeb"

_UNDER_WAY = sa.text("finished_at IS NULL")
_CURRENT = sa.text("state <> 'settled'")
_OPEN = sa.text("state = 'open'")
_RENUMBERED = sa.text("remote_number <> ''")


def upgrade() -> None:
    op.add_column("invoice_posting", sa.Column("dated_on", sa.Date(), nullable=True))
    op.create_index("ix_invoice_posting_tenant_id_dated_on", "invoice_posting", ["tenant_id", "dated_on", "id"])
    op.create_index(
        "ix_invoice_posting_tenant_id_remote_number",
        "invoice_posting",
        ["tenant_id", "remote_number"],
        sqlite_where=_RENUMBERED,
        postgresql_where=_RENUMBERED,
    )
    _runs()
    _months()
    _findings()
    for table in ("reconciliation", "reconciliation_month", "reconciliation_finding"):
        fence(table)


def _runs() -> None:
    op.create_table(
        "reconciliation",
        *_key(),
        sa.Column("administration", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(10), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("by_id", sa.Uuid()),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("resumes_at", sa.DateTime(timezone=True)),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("todo", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("calls", "calls_that_day", "busy_ms")),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("equal", "changed", "missing", "unsure", "unknown")
        ),
        sa.Column("error", sa.Text(), nullable=False),
        *_keys_of("reconciliation"),
    )
    op.create_index(
        "uq_reconciliation_open",
        "reconciliation",
        ["tenant_id"],
        unique=True,
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )
    op.create_index("ix_reconciliation_tenant_id_day", "reconciliation", ["tenant_id", "day"])


def _months() -> None:
    op.create_table(
        "reconciliation_month",
        *_key(),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("ours", "theirs", "equal")),
        *(
            sa.Column(name, sa.Numeric(15, 2), nullable=False)
            for name in ("ours_excl", "ours_incl", "theirs_excl", "theirs_incl")
        ),
        *_keys_of("reconciliation_month", run_id="reconciliation"),
        sa.UniqueConstraint("tenant_id", "run_id", "month", name="uq_reconciliation_month_run"),
    )


def _findings() -> None:
    op.create_table(
        "reconciliation_finding",
        *_key(),
        sa.Column("administration", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid()),
        sa.Column("number", sa.String(50), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("differs", sa.Text(), nullable=False),
        sa.Column("ours_incl", sa.Numeric(15, 2)),
        sa.Column("theirs_incl", sa.Numeric(15, 2)),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_up_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_keys_of("reconciliation_finding", run_id="reconciliation", posting_id="invoice_posting"),
    )
    table = "reconciliation_finding"
    op.create_index(
        "uq_reconciliation_finding_posting",
        table,
        ["tenant_id", "posting_id"],
        unique=True,
        sqlite_where=_CURRENT,
        postgresql_where=_CURRENT,
    )
    by_kind = ["tenant_id", "kind", "since"]
    op.create_index(
        "ix_reconciliation_finding_open", table, by_kind, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_index("ix_reconciliation_finding_state", table, ["tenant_id", "state", "id"])
    for column in ("posting_id", "run_id"):
        op.create_index(f"ix_reconciliation_finding_{column}", table, ["tenant_id", column])


def _key() -> tuple[sa.Column, sa.Column]:
    return sa.Column("tenant_id", sa.BigInteger(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _keys_of(table: str, **refers: str) -> tuple[sa.Constraint, ...]:
    return (
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{there}.tenant_id", f"{there}.id"], name=f"fk_{table}_tenant_id_{column}"
            )
            for column, there in refers.items()
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=f"fk_{table}_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{table}"),
    )


def downgrade() -> None:
    for table in ("reconciliation_finding", "reconciliation_month", "reconciliation"):
        op.drop_table(table)
    for column in ("remote_number", "dated_on"):
        op.drop_index(f"ix_invoice_posting_tenant_id_{column}", "invoice_posting")
    with op.batch_alter_table("invoice_posting") as batch:
        batch.drop_column("dated_on")
