"""A part of migration 0011: order numbers are sorted as numbers.

2026-10002 comes after 2026-9999, and as text it did not. Year and serial are read from the number as it was written.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from migrations.shape.tenants import each_tenant

BY_NUMBER = "ix_work_order_tenant_id_year"
BY_STATE = "ix_work_order_tenant_id_state"
OF_RELATION = "ix_work_order_tenant_id_relation_id"
STEP = 5000
_PARTS = re.compile(r"(\d{4})-(\d{1,9})$")

orders = sa.table(
    "work_order",
    sa.column("tenant_id", sa.BigInteger()),
    sa.column("id", sa.Uuid()),
    sa.column("number", sa.String()),
    sa.column("year", sa.Integer()),
    sa.column("serial", sa.Integer()),
)


def upgrade() -> None:
    for column in ("year", "serial"):
        op.add_column("work_order", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    for tenant in each_tenant():
        _take_apart(tenant)
    op.drop_index(BY_STATE, "work_order")
    op.create_index(BY_STATE, "work_order", ["tenant_id", "state", "year", "serial"])
    op.create_index(BY_NUMBER, "work_order", ["tenant_id", "year", "serial"])
    op.drop_index(OF_RELATION, "work_order")
    op.create_index(OF_RELATION, "work_order", ["tenant_id", "relation_id", "year", "serial"])


def _take_apart(tenant: int) -> None:
    bind = op.get_bind()
    change = (
        orders.update()
        .where(orders.c.tenant_id == tenant, orders.c.id == sa.bindparam("key"))
        .values(year=sa.bindparam("of_year"), serial=sa.bindparam("as_number"))
    )
    after = ""
    while True:
        query = sa.select(orders.c.number, orders.c.id).where(orders.c.tenant_id == tenant, orders.c.number > after)
        rows = bind.execute(query.order_by(orders.c.number).limit(STEP)).all()
        if not rows:
            return
        after = rows[-1].number
        found = ((row.id, _PARTS.search(row.number)) for row in rows)
        values = [{"key": key, "of_year": int(part[1]), "as_number": int(part[2])} for key, part in found if part]
        if values:
            bind.execute(change, values)


def downgrade() -> None:
    op.drop_index(OF_RELATION, "work_order")
    op.drop_index(BY_NUMBER, "work_order")
    op.drop_index(BY_STATE, "work_order")
    op.drop_column("work_order", "serial")
    op.drop_column("work_order", "year")
    op.create_index(BY_STATE, "work_order", ["tenant_id", "state", "number"])
    op.create_index(OF_RELATION, "work_order", ["tenant_id", "relation_id"])
