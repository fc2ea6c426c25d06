"""Orders planned and carried out in an earlier release, to see what becomes of their days and people both ways."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, bindparam, select
from sqlalchemy.engine import Connection

from tests.support import old_rows

DAY, NEXT, AT, HOURS = date(2026, 11, 18), date(2026, 11, 19), time(8, 30), Decimal("2.50")
# state, day planned, day carried out, time, hours, whether there was a worker: day and state of the visit it becomes
CASES = (
    (("draft", None, None, None, None, False), None),
    (("draft", DAY, None, None, None, False), (DAY, "planned")),
    (("draft", None, None, None, None, True), (None, "planned")),
    (("draft", None, None, None, HOURS, False), (None, "planned")),
    (("planned", DAY, None, AT, HOURS, True), (DAY, "planned")),
    (("started", DAY, None, AT, None, True), (DAY, "working")),
    (("done", DAY, NEXT, AT, HOURS, True), (DAY, "done")),
    (("done", None, NEXT, None, None, True), (NEXT, "done")),
    (("approved", DAY, DAY, None, None, True), (DAY, "done")),
    (("done", None, NEXT, None, None, False), None),
    (("cancelled", DAY, None, AT, None, True), (DAY, "not_done")),
)


def fill(connection: Connection) -> None:
    """Beside one row in every table, an order of each case."""
    old_rows.fill(connection)
    orders = _tables(connection, "work_order")["work_order"]
    (pattern,) = connection.execute(select(orders)).mappings()
    for n, ((state, planned, executed, at, hours, worker), _) in enumerate(CASES):
        changes = {
            "id": UUID(int=1000 + n) if isinstance(pattern["id"], UUID) else UUID(int=1000 + n).hex,
            "number": f"2026-{n:04d}", "state": state, "planned_on": planned, "planned_from": at,
            "planned_hours": hours, "executed_on": executed, "worker_id": pattern["worker_id"] if worker else None,
        }  # fmt: skip
        connection.execute(orders.insert().values({**pattern, **changes}))


def forward(connection: Connection) -> list[Any]:
    """Per case the visit's (day, state) and whether it holds all the rest that the order did; None without a visit."""
    tables = _tables(connection, "work_order", "visit", "visit_worker", "order_worker")
    people = {
        name: set(connection.scalars(select(tables[name].c[column])))
        for name, column in (("visit_worker", "visit_id"), ("order_worker", "order_id"))
    }
    visits = {row["order_id"]: row for row in connection.execute(select(tables["visit"])).mappings()}
    found: list[Any] = []
    for order, (given, _) in zip(_cases(connection), CASES, strict=True):
        visit = visits.get(order["id"])
        waits = given[0] in {"draft", "planned", "started"} and not (given[1] and given[5])
        assert (order["waits_since"] is not None) == waits, given
        assert (order["id"] in people["order_worker"]) == given[5], given
        if visit is None:
            found.append(None)
            continue
        assert (visit["id"] in people["visit_worker"]) == given[5], given
        assert (visit["starts_at"], visit["hours"], order["planned_on"]) == (given[3], given[4], visit["day"]), given
        found.append((visit["day"], visit["state"]))
    return found


def back(connection: Connection) -> list[Any]:
    """Per case what the order holds: day, time, hours, whether there is a worker."""
    rows = _cases(connection)
    return [
        (row["planned_on"], row["planned_from"], row["planned_hours"], row["worker_id"] is not None) for row in rows
    ]


def as_it_was() -> list[Any]:
    """What `back` should find: all as it was, but that work carried out has its day."""
    return [
        (visit[0] if visit else planned, at, hours, worker)
        for (_state, planned, _executed, at, hours, worker), visit in CASES
    ]


def add_a_second_visit(connection: Connection) -> None:
    """What no earlier release knows."""
    visits = _tables(connection, "visit")["visit"]
    row = connection.execute(select(visits).limit(1)).mappings().one()
    key = UUID(int=2000) if isinstance(row["id"], UUID) else UUID(int=2000).hex
    connection.execute(visits.insert().values({**row, "id": key}))


def _cases(connection: Connection) -> list[Any]:
    orders = _tables(connection, "work_order")["work_order"]
    query = select(orders).where(orders.c.number.like(bindparam("ours"))).order_by(orders.c.number)
    return list(connection.execute(query, {"ours": "2026-%"}).mappings())


def _tables(connection: Connection, *names: str) -> dict[str, Any]:
    metadata = MetaData()
    metadata.reflect(connection, only=names)
    return dict(metadata.tables)
