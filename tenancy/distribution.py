"""A PostgreSQL that is spread over nodes by tenant (Citus): which tables go where, and whether the nodes are there.

Tenants' tables are distributed by tenant_id and lie together, so that a tenant's transaction is one node's. `tenant`
and `person`, which they point at, are on every node. The other global tables stay on the coordinator: writing one that
is on every node asks every node, and then nobody could log in while one is away (docs/adr/0015).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, ForeignKeyConstraint, Table
from sqlalchemy.schema import AddConstraint, DropConstraint

from tenancy.database import Base

ON_EVERY_NODE = ("tenant", "person")


class CannotDistribute(RuntimeError):
    """The tables cannot be distributed; the text says why, in Dutch."""


def distribute(connection: Connection, global_tables: Collection[str]) -> list[str]:
    """Give each table that has no place yet its place; returns the statements that ran, none when all have one.

    Run on the coordinator as the owner of the tables, after every migration. Each statement stands by itself, so the
    connection has to be one that commits by itself (AUTOCOMMIT); stopped halfway, it goes on when it is run again.
    Raises
    CannotDistribute when this is no Citus, when rows are in the way, and when a tenant's table got no place.
    """
    _check(connection)
    tables = Base.metadata.sorted_tables
    ours = [one for one in tables if one.name not in global_tables]
    kinds = placed(connection)
    new = [one for one in ours if one.name not in kinds]
    everywhere = [name for name in ON_EVERY_NODE if name not in kinds]
    if new and _would_lose_sight(connection):
        raise CannotDistribute(
            "Er staan al rijen van klanten in. Die verplaatst Citus alleen voor een superuser: row-level security laat "
            "de eigenaar ze niet lezen. Draai dit commando één keer als superuser."
        )
    ran = []

    def run(statement: str) -> None:
        connection.exec_driver_sql(statement)
        ran.append(statement)

    aside = _pointing_at(everywhere, global_tables)
    if new or everywhere:
        # without this Citus makes tables of its own kind of the tenants' tables, and then refuses to distribute those
        run("SET citus.enable_local_reference_table_foreign_keys = off")
    for key in aside if everywhere else ():
        if key.name in _keys_of(connection, key.table):
            run(str(DropConstraint(key).compile(connection)))
    for name in everywhere:
        run(f"SELECT create_reference_table('{name}')")
    first = next((one.name for one in ours if kinds.get(one.name) == "distributed"), "")
    for table in new:
        beside = f"colocate_with => '{first}'" if first else "colocate_with => 'none'"
        run(f"SELECT create_distributed_table('{table.name}', 'tenant_id', {beside})")
        first = first or table.name
    if ran:
        run("RESET citus.enable_local_reference_table_foreign_keys")
    for key in _pointing_at(ON_EVERY_NODE, global_tables):
        if key.name not in _keys_of(connection, key.table):
            run(str(AddConstraint(key).compile(connection)))
    left = [one.name for one in ours if placed(connection).get(one.name) != "distributed"]
    if left:
        raise CannotDistribute(f"Deze tabellen van klanten zijn niet verdeeld: {', '.join(left)}.")
    return ran


def placed(connection: Connection) -> dict[str, str]:
    """The tables that have a place, and which kind: distributed, reference or local."""
    rows = connection.exec_driver_sql("SELECT table_name::text, citus_table_type FROM citus_tables").all()
    return {str(name).removeprefix("public.").strip('"'): str(kind) for name, kind in rows}


def unreached(connection: Connection) -> list[str]:
    """The nodes that somebody cannot reach, as host:port; none on a database that is not distributed."""
    if connection.dialect.name != "postgresql" or not _has(connection, "citus_check_cluster_node_health"):
        return []
    query = "SELECT DISTINCT to_nodename, to_nodeport FROM citus_check_cluster_node_health() WHERE result IS NOT TRUE"
    return [f"{host}:{port}" for host, port in connection.exec_driver_sql(query).all()]


def _check(connection: Connection) -> None:
    if connection.dialect.name != "postgresql" or not _has(connection, "create_distributed_table"):
        raise CannotDistribute(
            "Deze database heeft Citus niet: CREATE EXTENSION citus op elke node, en dan hier (docs/scaling.md)."
        )


def _has(connection: Connection, function: str) -> bool:
    query = "SELECT count(*) FROM pg_proc WHERE proname = %(name)s"
    return bool(connection.exec_driver_sql(query, {"name": function}).scalar())


def _would_lose_sight(connection: Connection) -> bool:
    """Whether rows of tenants (who has rows is in `tenant`) have to be copied by a role that cannot see them all."""
    rows = "SELECT EXISTS (SELECT FROM tenant) AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)"
    return bool(connection.exec_driver_sql(rows).scalar())


def _pointing_at(names: Collection[str], global_tables: Collection[str]) -> list[ForeignKeyConstraint]:
    """The keys by which global tables that stay on the coordinator point at these. A plain table that keeps such a key
    deadlocks with itself; taken up again afterwards, it makes the table one of Citus' own local kind."""
    return [
        key
        for table in Base.metadata.sorted_tables
        if table.name in global_tables and table.name not in ON_EVERY_NODE
        for key in sorted(table.foreign_key_constraints, key=lambda one: str(one.name))
        if key.elements[0].column.table.name in names
    ]


def _keys_of(connection: Connection, table: Table) -> set[str]:
    query = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %(name)s::regclass"
    return {str(row[0]) for row in connection.exec_driver_sql(query, {"name": table.name})}
