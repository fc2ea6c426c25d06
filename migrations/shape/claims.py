"""A part of migration 0011: what may be billed once.

A posting claimed orders; from here on it claims a share of an order in a round. What was tied is the whole of the order
in its first round. Series and issued numbers belong to an administration; all that are there to the first one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import each_tenant, fence

LIVE = sa.text("released_at IS NULL")
BY_STATE = "ix_invoice_number_tenant_id_state"
KEPT = sa.text("state <> 'abandoned'")
TIED = sa.text("live")
ROUND = ["tenant_id", "order_id", "round"]
CREDITS = "ck_invoice_posting_a_credit_corrects"


def upgrade() -> None:
    _number_tables()
    _postings()
    op.add_column("work_order", sa.Column("billing_round", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("work_order", sa.Column("billing", sa.String(12), nullable=False, server_default="none"))
    op.create_index("ix_work_order_billing", "work_order", ["tenant_id", "state", "billing", "approved_at"])
    _new_tables()
    for tenant in each_tenant():
        for statement in _MOVE:
            op.get_bind().execute(sa.text(statement), {"tenant": tenant})
    op.drop_table("invoice_posting_order")


def _number_tables() -> None:
    for table, keys in (("number_series", ["kind", "prefix", "year"]), ("invoice_number", ["number"])):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("administration", sa.Integer(), nullable=False, server_default="1"))
            batch.drop_constraint("_".join(["uq", table, "tenant_id", *keys]), type_="unique")
            name = "_".join(["uq", table, "tenant_id", "administration", *keys])
            batch.create_unique_constraint(name, ["tenant_id", "administration", *keys])
    op.drop_index(BY_STATE, "invoice_number")
    op.create_index(BY_STATE, "invoice_number", ["tenant_id", "state", "id"])
    op.create_index("ix_invoice_number_series", "invoice_number", ["tenant_id", "prefix", "year", "serial"])


def _postings() -> None:
    op.drop_index("uq_invoice_posting_number", "invoice_posting", sqlite_where=KEPT, postgresql_where=KEPT)
    op.drop_index("ix_invoice_posting_tenant_id_state", "invoice_posting")
    with op.batch_alter_table("invoice_posting") as batch:
        batch.add_column(sa.Column("administration", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="invoice"))
        batch.add_column(sa.Column("corrects_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            "fk_invoice_posting_tenant_id_corrects_id",
            "invoice_posting",
            ["tenant_id", "corrects_id"],
            ["tenant_id", "id"],
        )
        batch.create_check_constraint(op.f(CREDITS), "(kind = 'credit') = (corrects_id IS NOT NULL)")
    key = ["tenant_id", "administration", "number"]
    op.create_index(
        "uq_invoice_posting_number", "invoice_posting", key, unique=True, sqlite_where=KEPT, postgresql_where=KEPT
    )
    op.create_index("ix_invoice_posting_tenant_id_number", "invoice_posting", ["tenant_id", "number"])
    op.create_index("ix_invoice_posting_tenant_id_state", "invoice_posting", ["tenant_id", "state", "settled_at"])
    op.create_index("ix_invoice_posting_tenant_id_corrects_id", "invoice_posting", ["tenant_id", "corrects_id"])


def _new_tables() -> None:
    op.create_table(
        "billing_round",
        *_key(),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("manner", sa.String(6), nullable=False),
        sa.Column("terms", sa.Integer(), nullable=False),
        _refers("billing_round", "order_id", "work_order"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_billing_round_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_billing_round"),
        sa.UniqueConstraint(*ROUND, name="uq_billing_round_tenant_id_order_id_round"),
        sa.UniqueConstraint(*ROUND, "manner", name="uq_billing_round_tenant_id_order_id_round_manner"),
    )
    op.create_table(
        "billing_claim",
        *_key(),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("manner", sa.String(6), nullable=True),
        sa.Column("share", sa.String(40), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(manner = 'whole' AND share = 'whole' AND released_at IS NULL) OR "
            "(manner = 'terms' AND share LIKE 'term:%' AND released_at IS NULL) OR "
            "(manner IS NULL AND (released_at IS NOT NULL OR share LIKE 'credit:%'))",
            name=op.f("ck_billing_claim_manner_of_a_live_claim"),
        ),
        _refers("billing_claim", "posting_id", "invoice_posting"),
        _refers("billing_claim", "order_id", "work_order"),
        sa.ForeignKeyConstraint(
            ROUND, [f"billing_round.{one}" for one in ROUND], name="fk_billing_claim_tenant_id_order_id_round"
        ),
        sa.ForeignKeyConstraint(
            [*ROUND, "manner"],
            [f"billing_round.{one}" for one in (*ROUND, "manner")],
            name="fk_billing_claim_tenant_id_order_id_round_manner",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_billing_claim_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_billing_claim"),
        sa.UniqueConstraint(
            "tenant_id", "posting_id", "order_id", name="uq_billing_claim_tenant_id_posting_id_order_id"
        ),
    )
    op.create_index(
        "uq_billing_claim_live",
        "billing_claim",
        [*ROUND, "share"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_index("ix_billing_claim_tenant_id_order_id", "billing_claim", ["tenant_id", "order_id"])
    fence("billing_round")
    fence("billing_claim")


# A tie that was let go belongs to an abandoned posting, which kept when that was at most as the moment it was settled.
_MOVE = (
    "INSERT INTO billing_round (tenant_id, id, order_id, round, manner, terms) "
    "SELECT tenant_id, order_id, order_id, 1, 'whole', 0 FROM invoice_posting_order "
    "WHERE tenant_id = :tenant GROUP BY tenant_id, order_id",
    "INSERT INTO billing_claim (tenant_id, id, posting_id, order_id, round, manner, share, released_at) "
    "SELECT t.tenant_id, t.id, t.posting_id, t.order_id, 1, CASE WHEN t.live THEN 'whole' END, 'whole', "
    "CASE WHEN t.live THEN NULL ELSE coalesce(p.settled_at, p.created_at) END "
    "FROM invoice_posting_order t JOIN invoice_posting p ON p.tenant_id = t.tenant_id AND p.id = t.posting_id "
    "WHERE t.tenant_id = :tenant",
    "UPDATE work_order SET billing = 'collecting' WHERE tenant_id = :tenant AND id IN "
    "(SELECT order_id FROM billing_claim WHERE tenant_id = :tenant AND released_at IS NULL)",
    "UPDATE work_order SET billing = 'whole' WHERE tenant_id = :tenant AND id IN "
    "(SELECT c.order_id FROM billing_claim c JOIN invoice_posting p ON p.tenant_id = c.tenant_id AND p.id = c.posting_id "
    "WHERE c.tenant_id = :tenant AND c.released_at IS NULL AND p.state = 'posted')",
    "UPDATE work_order SET billing = 'not_billable' WHERE tenant_id = :tenant AND not_billable_reason <> ''",
)


def downgrade() -> None:
    """Refuses when something was billed in terms, credited, or in a second round: the release before knows none of it."""
    bind = op.get_bind()
    for tenant in each_tenant():
        newer = "SELECT count(*) FROM billing_claim WHERE tenant_id = :tenant AND (share <> 'whole' OR round > 1)"
        if bind.execute(sa.text(newer), {"tenant": tenant}).scalar():
            raise RuntimeError(f"tenant {tenant} has claims that an older release does not know")
    op.create_table(
        "invoice_posting_order",
        *_key(),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        _refers("invoice_posting_order", "posting_id", "invoice_posting"),
        _refers("invoice_posting_order", "order_id", "work_order"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name="fk_invoice_posting_order_tenant_id"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_invoice_posting_order"),
        sa.UniqueConstraint(
            "tenant_id", "posting_id", "order_id", name="uq_invoice_posting_order_tenant_id_posting_id_order_id"
        ),
    )
    op.create_index(
        "uq_invoice_posting_order_live",
        "invoice_posting_order",
        ["tenant_id", "order_id"],
        unique=True,
        sqlite_where=TIED,
        postgresql_where=TIED,
    )
    fence("invoice_posting_order")
    for tenant in each_tenant():
        back = (
            "INSERT INTO invoice_posting_order (tenant_id, id, posting_id, order_id, live) "
            "SELECT tenant_id, id, posting_id, order_id, released_at IS NULL FROM billing_claim WHERE tenant_id = :tenant"
        )
        bind.execute(sa.text(back), {"tenant": tenant})
    op.drop_table("billing_claim")
    op.drop_table("billing_round")
    op.drop_index("ix_work_order_billing", "work_order")
    op.drop_column("work_order", "billing")
    op.drop_column("work_order", "billing_round")
    for index in (
        "uq_invoice_posting_number",
        "ix_invoice_posting_tenant_id_number",
        "ix_invoice_posting_tenant_id_state",
        "ix_invoice_posting_tenant_id_corrects_id",
    ):
        op.drop_index(index, "invoice_posting")
    with op.batch_alter_table("invoice_posting") as batch:
        batch.drop_constraint(op.f(CREDITS), type_="check")
        batch.drop_constraint("fk_invoice_posting_tenant_id_corrects_id", type_="foreignkey")
        for column in ("corrects_id", "kind", "administration"):
            batch.drop_column(column)
    op.create_index(
        "uq_invoice_posting_number",
        "invoice_posting",
        ["tenant_id", "number"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_index("ix_invoice_posting_tenant_id_state", "invoice_posting", ["tenant_id", "state"])
    op.drop_index("ix_invoice_number_series", "invoice_number")
    op.drop_index(BY_STATE, "invoice_number")
    op.create_index(BY_STATE, "invoice_number", ["tenant_id", "state"])
    for table, keys in (("number_series", ["kind", "prefix", "year"]), ("invoice_number", ["number"])):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint("_".join(["uq", table, "tenant_id", "administration", *keys]), type_="unique")
            batch.drop_column("administration")
            batch.create_unique_constraint("_".join(["uq", table, "tenant_id", *keys]), ["tenant_id", *keys])


def _key() -> tuple[sa.Column, sa.Column]:
    return sa.Column("tenant_id", sa.BigInteger(), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _refers(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{there}.tenant_id", f"{there}.id"], name=f"fk_{table}_tenant_id_{column}"
    )
