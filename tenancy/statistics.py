"""What SQLite's planner is told about the tables of tenants: that a tenant has many rows, and few with one value.

Without figures it supposes that the first column of an index narrows to ten rows. Here that column is the tenant's, so
it goes through all of a tenant's rows as readily as it looks one up. ANALYZE would tell it how things were on the day
it ran, and on a new database nothing at all; so the figures are ours, the same for everybody, and so are the plans.
PostgreSQL keeps its own.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection

ROWS, OF_A_TENANT, OF_A_KIND, OF_ONE = 1_000_000, 100_000, 10_000, 10


def tell_planner(connection: Connection) -> None:
    """Write figures for every index that begins with the tenant, in the place of those that are there. SQLite only."""
    connection.exec_driver_sql("ANALYZE sqlite_master")  # makes the table when it is not there yet
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for (table,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").all():
        for index, figures in _figures(connection, table).items():
            values = (table, index, " ".join(map(str, figures)))
            connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", values)
    connection.exec_driver_sql("ANALYZE sqlite_master")  # this connection reads them; others do when they open


def _figures(connection: Connection, table: str) -> dict[str, list[int]]:
    """By index: the rows of the table, and those alike in its first column, in its first two, and so on."""
    types = {row[1]: row[2] for row in connection.exec_driver_sql(f"PRAGMA table_info('{table}')")}
    found = {}
    for _, index, unique, *_ in connection.exec_driver_sql(f"PRAGMA index_list('{table}')").all():
        columns = [row[2] for row in connection.exec_driver_sql(f"PRAGMA index_info('{index}')")]
        if columns[0] != "tenant_id":
            continue
        alike = [OF_A_TENANT]
        for column in columns[1:]:
            alike.append(min(alike[-1], OF_A_KIND if _few(types[column]) else OF_ONE))
        if unique:
            alike[-1] = 1
        found[index] = [ROWS, *alike]
    return found


def _few(kind: str) -> bool:
    """Whether a column of this type has few values: states, kinds, years, yes and no; not ids, numbers and moments."""
    return kind in {"BOOLEAN", "INTEGER"} or (kind.startswith("VARCHAR(") and int(kind[8:-1]) <= 12)
