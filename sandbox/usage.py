"""How many calls an administration made: of GetMutaties this month, of which 5,000 are allowed, and of all today, of
which 10,000 are."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from datetime import UTC, datetime

from sandbox.store import Store

PER_MONTH = 5000
PER_DAY = 10_000


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


class Today:
    """Calls of today by administration, in memory: a restart begins at nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = ""
        self._calls: Counter[str] = Counter()

    def count(self, name: str) -> int:
        """Count one call; how many there are, this one included."""
        with self._lock:
            self._new_day()
            self._calls[name] += 1
            return self._calls[name]

    def calls(self, name: str) -> int:
        """How many calls today has seen."""
        with self._lock:
            self._new_day()
            return self._calls[name]

    def set(self, name: str, number: int) -> None:
        """Say how many calls today has seen."""
        with self._lock:
            self._new_day()
            self._calls[name] = number

    def forget(self, name: str | None) -> None:
        """Begin at nothing again; None: everybody."""
        with self._lock:
            self._calls = Counter({one: many for one, many in self._calls.items() if name not in {None, one}})

    def _new_day(self) -> None:
        day = f"{datetime.now(UTC):%Y-%m-%d}"
        if day != self._day:
            self._day, self._calls = day, Counter()
