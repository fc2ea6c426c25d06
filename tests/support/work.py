"""How much work the database does for each statement, counted and not timed: steps of SQLite's virtual machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

GRAIN = 50  # steps between two looks: what a statement takes is known to so many


@dataclass
class Work:
    """The statements that ran, each with the steps it took."""

    done: list[tuple[str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All steps."""
        return sum(steps for _statement, steps in self.done)

    def by_statement(self) -> dict[str, int]:
        """The steps of each statement, all its runs together."""
        found: dict[str, int] = {}
        for statement, steps in self.done:
            found[statement] = found.get(statement, 0) + steps
        return found


@contextmanager
def worked(engine: Engine) -> Iterator[Work]:
    """Count what every connection of an SQLite engine does until the block ends."""
    work = Work()
    taken = [0]

    def tick() -> int:
        taken[0] += GRAIN
        return 0

    def settle() -> None:
        if work.done and taken[0]:
            statement, steps = work.done[-1]
            work.done[-1] = statement, steps + taken[0]
        taken[0] = 0

    def hear(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.set_progress_handler(tick, GRAIN)
        settle()  # rows are fetched after the statement ran: they belong to the one before
        work.done.append((statement, 0))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield work
    finally:
        event.remove(engine, "before_cursor_execute", hear)
        settle()
        with engine.connect() as connection:
            connection.connection.driver_connection.set_progress_handler(None, 0)  # type: ignore[union-attr]
