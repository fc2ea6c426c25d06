"""Writing many rows of a tenant's table at once, inside the fence: the tenant is the session's, nobody names another.

An object a row costs eight times as much. Statements here pass the unit of work by: what is loaded of these rows does
not change along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from tenancy.fence import OUTSIDE, NoTenant, TenantScoped, WroteOutside

Values = dict[str, Any]


def insert_rows(session: Session, model: type[TenantScoped], rows: Sequence[Values]) -> None:
    """Add rows, each the values of its columns by name; they need not name the same ones."""
    tenant_id = _tenant(session)
    table = model.__table__  # type: ignore[attr-defined]
    for alike in _alike(rows):
        named = "id" in alike[0]
        whole = [
            {**row, "tenant_id": tenant_id} if named else {"id": uuid7(), **row, "tenant_id": tenant_id}
            for row in alike
        ]
        session.connection().execute(insert(table), whole)


def update_rows(session: Session, model: type[TenantScoped], rows: Sequence[Values]) -> None:
    """Change rows: each names its `id` and the columns that get another value."""
    tenant_id = _tenant(session)
    table = model.__table__  # type: ignore[attr-defined]
    for alike in _alike(rows):
        names = [name for name in alike[0] if name != "id"]
        query = update(table).where(table.c.tenant_id == tenant_id, table.c.id == bindparam("the_id"))
        query = query.values({name: bindparam(f"new_{name}") for name in names})
        session.connection().execute(
            query, [{"the_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in alike]
        )


def delete_rows(session: Session, model: type[TenantScoped], rows: Sequence[Values]) -> None:
    """Take rows away: each is named by columns that are its key, all by the same ones."""
    if rows:
        tenant_id = _tenant(session)
        table = model.__table__  # type: ignore[attr-defined]
        keys = [table.c[name] == bindparam(f"the_{name}") for name in rows[0]]
        query = delete(table).where(table.c.tenant_id == tenant_id, *keys)
        session.connection().execute(query, [{f"the_{name}": value for name, value in row.items()} for row in rows])


def _alike(rows: Sequence[Values]) -> list[list[Values]]:
    """The rows, together when they name the same columns: a statement for many has one form."""
    groups: dict[tuple[str, ...], list[Values]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    return list(groups.values())


def _tenant(session: Session) -> int:
    if not session.info.get("writing"):
        raise WroteOutside(OUTSIDE)
    tenant_id: int | None = session.info.get("tenant_id")
    if tenant_id is None:
        raise NoTenant("enter a tenant before writing its rows")
    return tenant_id
