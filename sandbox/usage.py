"""How many GetMutaties calls an administration made this month; the service allows 5,000."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from sandbox.store import Store

PER_MONTH = 5000


def this_month() -> str:
    """The month of now: 2026-11."""
    return f"{datetime.now(UTC):%Y-%m}"


def count_call(store: Store, name: str) -> int:
    """Count one call; how many there are in this month, this one included."""
    with store.writing(durable=False) as connection:
        set_calls(connection, name, calls(connection, name) + 1)
        return calls(connection, name)


def calls(connection: sqlite3.Connection, name: str) -> int:
    """How many calls this month has seen."""
    row = connection.execute(
        "SELECT calls FROM usage WHERE administration = ? AND month = ?", (name, this_month())
    ).fetchone()
    return int(row["calls"]) if row else 0


def set_calls(connection: sqlite3.Connection, name: str, number: int) -> None:
    """Write how many calls this month has seen."""
    connection.execute(
        "INSERT OR REPLACE INTO usage (administration, month, calls) VALUES (?, ?, ?)",
        (name, this_month(), number),
    )
