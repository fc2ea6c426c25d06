"""A part of migration 0011: who is where and when.

An order had a day, a time, hours and one person. From here on those are a visit's, and an order has any number of them.
What was known of an order is its first visit, with the order's id for its own; its state follows the order's.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import each_tenant, fence

WAITS = sa.text("waits_since IS NOT NULL")
BACKLOG = "ix_work_order_backlog"
BY_DAY = "ix_work_order_tenant_id_planned_on"
BY_WORKER = "ix_work_order_tenant_id_worker_id"
TO_WORKER = "fk_work_order_tenant_id_worker_id"


def upgrade() -> None:
    op.add_column("work_order", sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True))
    _new_tables()
    for tenant in each_tenant():
        for statement in _MOVE:
            op.get_bind().execute(sa.text(statement), {"tenant": tenant})
    op.drop_index(BY_WORKER, "work_order")
    with op.batch_alter_table("work_order") as batch:
        batch.drop_constraint(TO_WORKER, type_="foreignkey")
        for column in ("worker_id", "planned_from", "planned_hours"):
            batch.drop_column(column)
    key = ["tenant_id", "year", "serial"]
    op.create_index(BACKLOG, "work_order", key, sqlite_where=WAITS, postgresql_where=WAITS)
    op.drop_index(BY_DAY, "work_order")
    op.create_index(BY_DAY, "work_order", ["tenant_id", "planned_on", "year", "serial"])


def _new_tables() -> None:
    op.create_table(
        "visit",
        *_key(),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("hours", sa.Numeric(5, 2), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        *_keys_of("visit", order_id="work_order"),
    )
    op.create_index("ix_visit_tenant_id_day", "visit", ["tenant_id", "day"])
    op.create_index("ix_visit_tenant_id_order_id", "visit", ["tenant_id", "order_id"])
    op.create_index("ix_visit_tenant_id_state", "visit", ["tenant_id", "state", "day"])
    op.create_table(
        "visit_worker",
        *_key(),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        *_keys_of("visit_worker", visit_id="visit", worker_id="worker"),
        sa.UniqueConstraint("tenant_id", "visit_id", "worker_id", name="uq_visit_worker_tenant_id_visit_id_worker_id"),
    )
    op.create_table(
        "order_worker",
        *_key(),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        *_keys_of("order_worker", order_id="work_order", worker_id="worker"),
        sa.UniqueConstraint("tenant_id", "order_id", "worker_id", name="uq_order_worker_tenant_id_order_id_worker_id"),
    )
    by_number = ["tenant_id", "worker_id", "year", "serial", "order_id"]
    op.create_index("ix_order_worker_tenant_id_worker_id", "order_worker", by_number)
    for table in ("visit", "visit_worker", "order_worker"):
        fence(table)


# An order that was carried out without having been planned is a visit of the day it was carried out.
_MOVE = (
    "INSERT INTO visit (tenant_id, id, order_id, day, starts_at, hours, state) "
    "SELECT tenant_id, id, id, CASE WHEN state IN ('done', 'approved') THEN coalesce(planned_on, executed_on) "
    "ELSE planned_on END, planned_from, planned_hours, CASE state WHEN 'started' THEN 'working' "
    "WHEN 'done' THEN 'done' WHEN 'approved' THEN 'done' WHEN 'cancelled' THEN 'not_done' ELSE 'planned' END "
    "FROM work_order WHERE tenant_id = :tenant AND NOT "
    "(planned_on IS NULL AND planned_from IS NULL AND planned_hours IS NULL AND worker_id IS NULL)",
    "INSERT INTO visit_worker (tenant_id, id, visit_id, worker_id) "
    "SELECT tenant_id, id, id, worker_id FROM work_order WHERE tenant_id = :tenant AND worker_id IS NOT NULL",
    "INSERT INTO order_worker (tenant_id, id, order_id, worker_id, year, serial) "
    "SELECT tenant_id, id, id, worker_id, year, serial FROM work_order "
    "WHERE tenant_id = :tenant AND worker_id IS NOT NULL",
    "UPDATE work_order SET waits_since = changed_at WHERE tenant_id = :tenant AND "
    "state IN ('draft', 'planned', 'started') AND (planned_on IS NULL OR worker_id IS NULL)",
    "UPDATE work_order SET planned_on = (SELECT day FROM visit "
    "WHERE visit.tenant_id = work_order.tenant_id AND visit.order_id = work_order.id) "
    "WHERE tenant_id = :tenant AND planned_on IS NULL",
)


def downgrade() -> None:
    """Refuses when an order has more than one visit, or a visit more than one person: the release before knows neither."""
    bind = op.get_bind()
    for tenant in each_tenant():
        if any(bind.execute(sa.text(more), {"tenant": tenant}).first() for more in _NEWER):
            raise RuntimeError(f"tenant {tenant} has work of several visits or people, which an older release lacks")
    op.drop_index(BY_DAY, "work_order")
    op.create_index(BY_DAY, "work_order", ["tenant_id", "planned_on"])
    op.drop_index(BACKLOG, "work_order")
    with op.batch_alter_table("work_order") as batch:
        batch.drop_column("waits_since")
        batch.add_column(sa.Column("worker_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("planned_from", sa.Time(), nullable=True))
        batch.add_column(sa.Column("planned_hours", sa.Numeric(5, 2), nullable=True))
        batch.create_foreign_key(TO_WORKER, "worker", ["tenant_id", "worker_id"], ["tenant_id", "id"])
    for tenant in each_tenant():
        bind.execute(sa.text(_BACK), {"tenant": tenant})
    op.create_index(BY_WORKER, "work_order", ["tenant_id", "worker_id"])
    for table in ("order_worker", "visit_worker", "visit"):
        op.drop_table(table)


_NEWER = (
    "SELECT order_id FROM visit WHERE tenant_id = :tenant GROUP BY order_id HAVING count(*) > 1 LIMIT 1",
    "SELECT visit_id FROM visit_worker WHERE tenant_id = :tenant GROUP BY visit_id HAVING count(*) > 1 LIMIT 1",
)
_BACK = (
    "UPDATE work_order SET "
    "planned_on = (SELECT day FROM visit v WHERE v.tenant_id = :tenant AND v.order_id = work_order.id), "
    "planned_from = (SELECT starts_at FROM visit v WHERE v.tenant_id = :tenant AND v.order_id = work_order.id), "
    "planned_hours = (SELECT hours FROM visit v WHERE v.tenant_id = :tenant AND v.order_id = work_order.id), "
    "worker_id = (SELECT worker_id FROM order_worker w WHERE w.tenant_id = :tenant AND w.order_id = work_order.id) "
    "WHERE tenant_id = :tenant"
)


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
