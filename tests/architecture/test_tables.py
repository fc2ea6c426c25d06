"""Every tenant table has tenant_id first in every key; the global tables are the listed ones."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Table, UniqueConstraint

from models import GLOBAL_TABLES
from tenancy.database import Base
from tenancy.fence import TenantScoped

TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
SCOPED = [table for table in TABLES if table.name not in GLOBAL_TABLES]


def test_the_global_tables_are_the_listed_ones() -> None:
    scoped = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantScoped)}
    assert {table.name for table in TABLES} - scoped == GLOBAL_TABLES


@pytest.mark.parametrize("table", SCOPED, ids=lambda table: table.name)
def test_tenant_id_comes_first_in_every_key(table: Table) -> None:
    for constraint in table.constraints:
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            assert next(iter(constraint.columns)).name == "tenant_id", f"{constraint.name}: begin with tenant_id"
        if isinstance(constraint, ForeignKeyConstraint):
            target = constraint.elements[0].column.table.name
            columns = [column.name for column in constraint.columns]
            if target not in GLOBAL_TABLES:
                assert columns[0] == "tenant_id", f"{constraint.name}: a reference names the tenant first"
                assert constraint.elements[0].column.name == "tenant_id"
    for index in table.indexes:
        assert next(iter(index.columns)).name == "tenant_id", f"{index.name}: begin with tenant_id"


@pytest.mark.parametrize("table", [t for t in TABLES if "tenant_id" in t.columns], ids=lambda table: table.name)
def test_tenant_id_is_a_bigint_everywhere(table: Table) -> None:
    kind = table.columns["tenant_id"].type
    assert isinstance(kind, BigInteger)
    assert type(kind) is not Integer


def test_no_table_cascades_deletes() -> None:
    """On SQLite a migration that re-creates a parent would silently delete its children."""
    for table in TABLES:
        for constraint in table.foreign_key_constraints:
            assert constraint.ondelete is None
