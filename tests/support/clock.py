"""Another moment for this process: Python's clock and SQLite's `now` alike, running on from there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import time_machine
from sqlalchemy import event
from sqlalchemy.engine import Engine


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Until the block ends it is `moment` (aware) and later, for connections made inside the block too. PostgreSQL
    keeps its own time."""

    def shifted(connection: Any, _record: Any) -> None:
        if hasattr(connection, "create_function"):
            connection.create_function("strftime", 2, _strftime)

    event.listen(Engine, "connect", shifted)
    try:
        with time_machine.travel(moment):
            yield
    finally:
        event.remove(Engine, "connect", shifted)


def _strftime(pattern: str, what: str) -> str:
    """SQLite's own function for the one question this product asks it (tenancy/clock.py)."""
    assert what == "now", "only the present is known here"
    now = datetime.fromtimestamp(time.time(), UTC)
    return now.strftime(pattern.replace("%f", f"{now.second:02d}.{now.microsecond // 1000:03d}"))
