"""A part of migration 0011: order numbers are sorted as numbers, and names as people do.

2026-10002 comes after 2026-9999, and as text it did not. Year and serial are read from the number as it was written.
Every table that is listed by name gets that name as it is sorted (domain/fold.py), which both databases compare alike.
"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

from domain.fold import LONGEST, sort_key
from migrations.shape.tenants import each_tenant

BY_NUMBER = "ix_work_order_tenant_id_year"
BY_STATE = "ix_work_order_tenant_id_state"
OF_RELATION = "ix_work_order_tenant_id_relation_id"
STEP = 5000
_PARTS = re.compile(r"(\d{4})-(\d{1,9})$")

OF_EVERYBODY = {"tenant": ("name",), "person": ("name",)}
OF_TENANTS = {
    "relation": ("name",), "article": ("description",), "location": ("name", "address"), "worker": ("name",),
}  # fmt: skip


def by_code(length: int) -> sa.types.TypeEngine[str]:
    """A text that is compared sign by sign, on PostgreSQL too."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


orders = sa.table(
    "work_order",
    sa.column("tenant_id", sa.BigInteger()),
    sa.column("id", sa.Uuid()),
    sa.column("number", sa.String()),
    sa.column("year", sa.Integer()),
    sa.column("serial", sa.Integer()),
)


def upgrade() -> None:
    _numbers()
    _names()


def _numbers() -> None:
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


def _names() -> None:
    for table in (*OF_EVERYBODY, *OF_TENANTS):
        op.add_column(table, sa.Column("sort_name", by_code(LONGEST), nullable=False, server_default=""))
    for table, called in OF_EVERYBODY.items():
        _sort(table, called)
    for tenant in each_tenant():
        for table, called in OF_TENANTS.items():
            _sort(table, called, tenant)
    op.drop_index("ix_relation_tenant_id_name_id", "relation")
    for table in ("relation", "article"):
        op.create_index(f"ix_{table}_tenant_id_sort_name", table, ["tenant_id", "sort_name", "id"])


def _sort(name: str, called: tuple[str, ...], tenant: int | None = None) -> None:
    bind = op.get_bind()
    key = sa.BigInteger() if name == "tenant" else sa.Uuid()
    columns = ("tenant_id", "sort_name", *called)
    table = sa.table(name, sa.column("id", key), *(sa.column(column) for column in columns))
    ours = [] if tenant is None else [table.c.tenant_id == tenant]
    change = (
        table.update()
        .where(*ours, table.c.id == sa.bindparam("key", type_=key))
        .values(sort_name=sa.bindparam("as_key"))
    )
    query = sa.select(table.c.id, *(table.c[column] for column in called)).where(*ours).order_by(table.c.id).limit(STEP)
    rows = bind.execute(query).all()
    while rows:
        bind.execute(change, [{"key": row[0], "as_key": sort_key(*row[1:])} for row in rows])
        rows = bind.execute(query.where(table.c.id > rows[-1][0])).all()


def downgrade() -> None:
    for table in ("relation", "article"):
        op.drop_index(f"ix_{table}_tenant_id_sort_name", table)
    op.create_index("ix_relation_tenant_id_name_id", "relation", ["tenant_id", "name", "id"])
    for table in (*OF_EVERYBODY, *OF_TENANTS):
        op.drop_column(table, "sort_name")
    op.drop_index(OF_RELATION, "work_order")
    op.drop_index(BY_NUMBER, "work_order")
    op.drop_index(BY_STATE, "work_order")
    op.drop_column("work_order", "serial")
    op.drop_column("work_order", "year")
    op.create_index(BY_STATE, "work_order", ["tenant_id", "state", "number"])
    op.create_index(OF_RELATION, "work_order", ["tenant_id", "relation_id"])
