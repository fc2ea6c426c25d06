"""What the parts share: going by the tenants one by one, and the wall round a tenant's new table."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

# After a transaction that named a tenant the setting is '', not NULL, and ''::bigint would raise.
_OURS = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint"


def each_tenant() -> Iterator[int]:
    """The tenants' ids, one after another; on PostgreSQL only rows of the one named are there to be changed."""
    bind = op.get_bind()
    ids = bind.scalars(sa.text("SELECT id FROM tenant ORDER BY id")).all()
    if bind.dialect.name == "sqlite":
        yield from ids
        return
    for tenant in ids:
        _name(str(tenant))
        yield tenant
    _name("")


def _name(tenant: str) -> None:
    op.get_bind().execute(sa.select(sa.func.set_config("app.tenant_id", tenant, True)))


def fence(table: str) -> None:
    """PostgreSQL shows and accepts only rows of the tenant that the transaction names, as in 0005."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_of_tenant ON {table} USING ({_OURS}) WITH CHECK ({_OURS})")
