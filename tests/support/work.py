"""How much work a database does for each statement, counted and not timed: steps of SQLite's virtual machine, rows that
go through a plan on PostgreSQL (tests/support/explained.py)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.support.counted_work import Done, Work
from tests.support.explained import explained

GRAIN = 50  # steps between two looks: what a statement takes is known to so many


@contextmanager
def worked(engine: Engine) -> Iterator[Work]:
    """Count what every connection of an engine does until the block ends, in its database's own measure."""
    with stepped(engine) if engine.dialect.name == "sqlite" else explained(engine) as work:
        yield work


@contextmanager
def stepped(engine: Engine) -> Iterator[Work]:
    """Count what every connection of an SQLite engine does until the block ends."""
    work = Work()
    taken, given = [0], [0]

    def tick() -> int:
        taken[0] += GRAIN
        return 0

    def count(_cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> tuple[Any, ...]:
        given[0] += 1
        return row

    def settle() -> None:
        if work.done:
            work.done[-1] = Done(work.done[-1].statement, taken[0], given[0])
        taken[0] = given[0] = 0

    def hear(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(tick, GRAIN)
        settle()  # rows are fetched after the statement ran: they belong to the one before
        cursor.row_factory = count
        work.done.append(Done(statement, 0))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield work
    finally:
        event.remove(engine, "before_cursor_execute", hear)
        settle()
        with engine.connect() as connection:
            connection.connection.driver_connection.set_progress_handler(None, 0)  # type: ignore[union-attr]
