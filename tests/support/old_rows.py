"""One row in every table of a database as an earlier release left it, to see what a migration makes of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, Table, column, inspect, select, text, types
from sqlalchemy.engine import Connection

_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_BY_TYPE: tuple[tuple[type, Any], ...] = (
    (types.Boolean, True),
    (types.DateTime, _AT),
    (types.Date, date(2026, 11, 22)),
    (types.Time, time(9, 30)),
    (types.JSON, {"reason": "ouder dan deze versie"}),
    (types.Numeric, Decimal("1.50")),
    (types.Integer, 1),
)
Rows = dict[str, list[dict[str, Any]]]
# What a migration took away on purpose, and what one made of the value that `fill` puts there.
GONE = {
    "ledger_account": {"remote_id"}, "person": {"theme"},
    "posting_attempt": {"payload_version"}, "tenant": {"is_demo"}, "tenant_status": {"counted_at"},
    "work_order": {"worker_id", "planned_from", "planned_hours"},
}  # fmt: skip
BECAME = {"ledger_account": {"category": "other"}, "invoice_posting": {"kind": "invoice"}}
_SORTED = dict.fromkeys(("tenant", "person", "relation", "article", "worker"), "waarde")
_SORTED["location"] = "waarde\twaarde"
# Tables whose rows went over into others; `went_over` looks them up there.
WENT_OVER = frozenset({"invoice_posting_order"})


def fill(connection: Connection) -> list[Table]:
    """Put a row in every table, each with all it refers to; the tables as they are now."""
    metadata = MetaData()
    metadata.reflect(connection)
    tables = [table for table in metadata.sorted_tables if table.name != "alembic_version"]
    made: dict[str, dict[str, Any]] = {}
    for number, table in enumerate(tables, 1):
        row = {column.name: _value(column.type, number) for column in table.columns}
        for constraint in table.foreign_key_constraints:
            for key in constraint.elements:
                row[key.parent.name] = made[key.column.table.name][key.column.name]
        connection.execute(table.insert().values(row))
        made[table.name] = row
    return tables


def read(connection: Connection, tables: list[Table]) -> Rows:
    """The rows of these tables, with the columns they had then as far as those are still there."""
    found: Rows = {}
    present = set(inspect(connection).get_table_names())
    for table in tables:
        if table.name not in present:
            continue
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        columns = [column for column in table.columns if column.name in there]
        found[table.name] = [dict(row) for row in connection.execute(select(*columns)).mappings()]
    return found


def migrated(before: Rows) -> Rows:
    """These rows as every migration since should have left them: nothing is lost or changed but what was meant."""
    return {
        table: [
            {name: value for name, value in row.items() if name not in GONE.get(table, ())} | BECAME.get(table, {})
            for row in rows
        ]
        for table, rows in before.items()
        if table not in WENT_OVER
    }


def went_over(connection: Connection, before: Rows) -> None:
    """Raises AssertionError unless the ties of postings and orders are claims of the whole order in its first round,
    the order's day and worker its visit, and what is listed by name has what it is sorted by and found by."""
    kinds = {"relation", "article", "location", "worker", "work_order"} & set(before)
    assert {tuple(row) for row in connection.execute(text("SELECT kind, word FROM search_word"))} == {
        (kind, "waarde") for kind in kinds
    }
    assert connection.execute(text("SELECT found_whole, found_serial FROM invoice_posting")).one() == (
        "waarde",
        "waarde",
    )
    for table, sorted_by in _SORTED.items():
        if table in before:
            query = select(column("sort_name")).select_from(text(table))
            assert connection.scalars(query).all() == [sorted_by], table
    (tie,) = before["invoice_posting_order"]
    metadata = MetaData()
    metadata.reflect(connection, only=("billing_claim", "billing_round", "order_worker", "visit_worker"))
    (claim,) = connection.execute(select(metadata.tables["billing_claim"])).mappings()
    (round_,) = connection.execute(select(metadata.tables["billing_round"])).mappings()
    (order,) = connection.execute(select(metadata.tables["work_order"])).mappings()
    kept = {name: tie[name] for name in ("tenant_id", "id", "posting_id", "order_id")}
    assert dict(claim) == kept | {"round": 1, "manner": "whole", "share": "whole", "released_at": None}
    assert (round_["order_id"], round_["round"], round_["manner"]) == (tie["order_id"], 1, "whole")
    assert (order["billing_round"], order["billing"]) == (1, "not_billable")
    (old,) = before["work_order"]
    (visit,) = connection.execute(select(metadata.tables["visit"])).mappings()
    same = {"day": "planned_on", "starts_at": "planned_from", "hours": "planned_hours", "order_id": "id"}
    assert {name: visit[name] for name in same} == {name: old[of] for name, of in same.items()}
    for table, tied in (("visit_worker", visit["id"]), ("order_worker", old["id"])):
        (going,) = connection.execute(select(metadata.tables[table])).mappings()
        assert (going["worker_id"], going["visit_id" if table == "visit_worker" else "order_id"]) == (
            old["worker_id"], tied,
        )  # fmt: skip


def _value(kind: Any, number: int) -> Any:
    if isinstance(kind, types.Uuid):
        return UUID(int=number)
    if isinstance(kind, types.String):
        # SQLite keeps a UUID as 32 characters
        return UUID(int=number).hex if kind.length == 32 else "waarde"[: kind.length or 10]
    return next(value for base, value in _BY_TYPE if isinstance(kind, base))
