"""Numbers of a day that all processes of one machine count together, in a file: what Redis does where there is one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gateways.shared_counts import Away

_PATIENCE = 0.5  # seconds for one question
_TABLE = "CREATE TABLE IF NOT EXISTS number (name TEXT PRIMARY KEY, n INTEGER NOT NULL, gone_at INTEGER NOT NULL)"
_NOW = "CAST(strftime('%s', 'now') AS INTEGER)"


class FileCounts:
    """Numbers in an SQLite file, each kept for some seconds. Both methods raise Away when the file cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def spend(self, number: str, known: int, most: int, seconds: int) -> tuple[bool, int]:
        """As SharedCounts.spend."""
        try:
            with closing(self._opened()) as file:
                file.execute("BEGIN IMMEDIATE")
                n = max(self._read(file, number), known)
                free = n < most
                n += free
                values = {"name": number, "n": n, "seconds": seconds}
                file.execute(f"INSERT OR REPLACE INTO number VALUES (:name, :n, {_NOW} + :seconds)", values)  # noqa: S608
                file.execute(f"DELETE FROM number WHERE gone_at < {_NOW}")  # noqa: S608
                file.execute("COMMIT")
                return free, n
        except sqlite3.Error:
            raise Away from None

    def told(self, number: str) -> int:
        """As SharedCounts.told."""
        try:
            with closing(self._opened()) as file:
                return self._read(file, number)
        except sqlite3.Error:
            raise Away from None

    def _opened(self) -> sqlite3.Connection:
        file = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None)
        file.execute("PRAGMA synchronous = OFF")  # a number that a power cut takes is counted on from what we know
        file.execute(_TABLE)
        return file

    @staticmethod
    def _read(file: sqlite3.Connection, number: str) -> int:
        row = file.execute("SELECT n FROM number WHERE name = ?", (number,)).fetchone()
        return int(row[0]) if row else 0


def day_counts(queue_url: str) -> FileCounts | None:
    """Where the processes of one machine count, beside the queue's file; None when the queue is in Redis, which counts
    for all (gateways/shared_counts.py)."""
    if not queue_url.startswith("sqlite:///"):
        return None
    return FileCounts(Path(queue_url.removeprefix("sqlite:///")).with_name("calls.sqlite3"))
