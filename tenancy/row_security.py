"""PostgreSQL's own wall: each transaction names its tenant, and the app's role may do no more than it needs.

Migration 0005 puts a policy on every tenant's table; without a tenant it shows and accepts nothing. On SQLite there is
no such wall, and telling the database does nothing.
"""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

APPEND_ONLY = ("audit_entry", "audit_seal")
READ_ONLY = ("alembic_version",)


class UnsafeRole(RuntimeError):
    """Row-level security does not hold for this database role, or it owns the tables."""


def tell(connection: Connection, tenant_id: int) -> None:
    """Name the tenant for the rest of this transaction.

    SET LOCAL, because a plain SET would stay behind on the pooled connection; a literal, because a distributed
    PostgreSQL passes only that on to the nodes that hold the rows.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL app.tenant_id = '{int(tenant_id)}'")


def passes_the_wall(connection: Connection) -> bool:
    """Whether the role we are logged in as is one that row-level security does not hold for."""
    if connection.dialect.name != "postgresql":
        return False
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    return bool(connection.exec_driver_sql(query).scalar())


def grant(connection: Connection, role: str) -> list[str]:
    """Give the app's role what it needs and take what it must not have; returns the statements that ran.

    Run as the owner of the tables, after every migration. Raises UnsafeRole for a role that is unknown, owns tables,
    or passes row-level security by, and when we are not the owner.
    """
    _check(connection, role)
    name = connection.dialect.identifier_preparer.quote_identifier(role)
    tables = set(inspect(connection).get_table_names())
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
        *(f"REVOKE UPDATE, DELETE ON {table} FROM {name}" for table in APPEND_ONLY if table in tables),
        *(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {name}" for table in READ_ONLY if table in tables),
    ]
    for statement in statements:
        connection.exec_driver_sql(statement)
    return statements


def _check(connection: Connection, role: str) -> None:
    if connection.dialect.name != "postgresql":
        raise UnsafeRole("only PostgreSQL has roles")
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %(role)s"
    exempt = connection.exec_driver_sql(query, {"role": role}).scalar()
    if exempt is None:
        raise UnsafeRole(f"there is no role {role}; make it with CREATE ROLE {role} LOGIN PASSWORD '...'")
    if exempt:
        raise UnsafeRole(f"{role} is a superuser or has BYPASSRLS: row-level security would not hold for it")
    if owns_tables(connection, role):
        raise UnsafeRole(f"{role} owns tables and could switch row-level security off; give the app a role of its own")
    if not owns_tables(connection):
        raise UnsafeRole("run this as the owner of the tables, the role that migrates")


def owns_tables(connection: Connection, role: str | None = None) -> bool:
    """Whether a role (default: the one we are logged in as) owns a table or may become who does: row-level security
    holds for it as long as it likes."""
    if connection.dialect.name != "postgresql":
        return False
    query = (
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND pg_has_role(coalesce(%(role)s, current_user), relowner, 'MEMBER')"
    )
    return bool(connection.exec_driver_sql(query, {"role": role}).scalar())
