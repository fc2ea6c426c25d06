"""How a database goes about what we ask it: which tables it looks at, by which index, and by which of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection

from tenancy.database import db

_LITE = re.compile(r"(?:SEARCH|SCAN) (\S+)(?:.*?USING (?:COVERING )?INDEX (\S+))?(?:.*?\((.*)\))?")


@dataclass(frozen=True)
class Look:
    """One table that is looked at. No `index`: from its first row to its last. `by`: the columns that it is narrowed by
    while going through the index."""

    table: str
    index: str
    by: frozenset[str]


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """What goes to the database meanwhile: selects with their values, as the database gets them."""
    found: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "FROM" in statement:
            found.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def looks(statement: str, parameters: Any) -> list[Look]:
    """How the session's database would go about a statement; as the app's role, so behind row-level security."""
    connection = db.session.connection()
    found = _lite(connection, statement, parameters) if db.engine.dialect.name == "sqlite" else None
    return _postgres(connection, statement, parameters) if found is None else found


def _lite(connection: Connection, statement: str, parameters: Any) -> list[Look]:
    named = re.findall(r"(?:FROM|JOIN|,) (\w+)(?: AS (\w+))?", statement)
    names = {alias or table: table for table, alias in named}
    found = []
    for *_, detail in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
        match = _LITE.match(detail)
        if match and match[1] in names:
            by = re.findall(r"(\w+)[=<>]", match[3] or "")
            found.append(Look(names[match[1]], match[2] or "", frozenset(by)))
    return found


def _postgres(connection: Connection, statement: str, parameters: Any) -> list[Look]:
    # Among a few thousand rows going through all of them is quicker; among millions there has to be another way.
    for way in ("seqscan", "hashjoin", "mergejoin"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    columns = {name: tuple(names) for name, names in connection.exec_driver_sql(_COLUMNS)}
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    return list(_nodes(plan["Plan"], columns))


_COLUMNS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY k.place) FROM pg_index x
    JOIN pg_class c ON c.oid = x.indexrelid CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY k(number, place)
    JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number GROUP BY c.relname
"""


def _nodes(node: dict[str, Any], columns: dict[str, tuple[str, ...]], table: str = "") -> Iterator[Look]:
    kind, table = node["Node Type"], node.get("Relation Name", table)
    if kind == "Seq Scan":
        yield Look(table, "", frozenset())
    elif "Index Name" in node:
        condition = re.sub(r"::\w+|[()]", "", node.get("Index Cond", ""))
        named = set(re.findall(r"(\w+) (?:=|<|>|<=|>=) ", condition))
        # A later column narrows nothing while one before it is not named: then the whole of the index is gone through.
        by = takewhile(named.__contains__, columns[node["Index Name"]])
        yield Look(table, node["Index Name"], frozenset(by))
    for below in node.get("Plans", ()):
        yield from _nodes(below, columns, table)
