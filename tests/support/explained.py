"""How much work PostgreSQL does for each statement, counted and not timed: rows times loops, over all of its plan.

Each statement is first run by EXPLAIN (ANALYZE) in a savepoint that is rolled back, at the very place where it is about
to run: it sees what its transaction wrote before, and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from tests.support.counted_work import Done, Work

_EXPLAINED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@contextmanager
def explained(engine: Engine) -> Iterator[Work]:
    """Count what every connection of a PostgreSQL engine does until the block ends."""
    work = Work()

    def hear(connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().startswith(_EXPLAINED):
            raw = connection.connection.driver_connection
            for one in parameters if many else (parameters,):
                work.done.append(_looked_at(raw, statement, one))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield work
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def _looked_at(raw: psycopg.Connection, statement: str, parameters: Any) -> Done:
    with raw.cursor() as cursor:
        cursor.execute("SAVEPOINT looked_at")
        try:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters)
            ((plan,),) = cursor.fetchone() or ()
        except psycopg.Error:  # it will say so itself when it runs
            return Done(statement, 0, 0)
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT looked_at")
            cursor.execute("RELEASE SAVEPOINT looked_at")
    return Done(statement, *_of(plan["Plan"]))


def _of(node: dict[str, Any]) -> tuple[int, int]:
    """The rows that passed through a plan, those thrown away with them; and the rows that it gives, or changes."""
    rows = [_of(below) for below in node.get("Plans", ())]
    removed = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    loops = node["Actual Loops"]
    own = round((node["Actual Rows"] + removed) * loops)
    given = round(node["Actual Rows"] * loops)
    if node["Node Type"] == "ModifyTable":
        given = max([given, *(below for _work, below in rows)])
    return own + sum(work for work, _given in rows), given
