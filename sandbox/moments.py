"""Moments of the books of one administration: remember how they stand, and put them back to that.

As when a bookkeeping is restored from an older copy: what came after is gone. How the service answers (switches,
mischief), who may come in, what calls were counted and what was said over the line is no part of it.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from datetime import UTC, datetime
from typing import Any

from sandbox.wishes import WrongWish

_BOOKS = ("template", "relation", "article", "ledger", "cost_centre", "invoice", "mutation")
_MOST = 50


def take(connection: sqlite3.Connection, name: str, title: str = "") -> dict[str, Any]:
    """Remember how the books stand; the moment: its id, title, when, and what it counts. Raises WrongWish."""
    kept = connection.execute("SELECT count(*) AS kept FROM snapshot WHERE administration = ?", (name,)).fetchone()
    if kept["kept"] >= _MOST:
        raise WrongWish(f"at most {_MOST} moments are kept: delete one first")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    cursor = connection.execute(
        "INSERT INTO snapshot (administration, title, at, data) VALUES (?, ?, ?, ?)",
        (name, title.strip()[:100], now, _packed(connection, name)),
    )
    assert cursor.lastrowid is not None
    return _told(_row(connection, name, cursor.lastrowid))


def moments(connection: sqlite3.Connection, name: str) -> list[dict[str, Any]]:
    """Every moment that is remembered, oldest first."""
    rows = connection.execute("SELECT * FROM snapshot WHERE administration = ? ORDER BY id", (name,))
    return [_told(row) for row in rows]


def go_back(connection: sqlite3.Connection, name: str, moment_id: int) -> dict[str, Any]:
    """Put the books back to a moment; it stays remembered. Raises LookupError when there is none of this id."""
    row = _row(connection, name, moment_id)
    kept = _unpacked(row)
    for table in _BOOKS:
        connection.execute(f"DELETE FROM {table} WHERE administration = ?", (name,))
        for values in kept[table]:
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))
    connection.execute("UPDATE administration SET next_number = ? WHERE name = ?", (kept["next_number"], name))
    return _told(row)


def forget(connection: sqlite3.Connection, name: str, moment_id: int) -> None:
    """Remember a moment no longer. Raises LookupError when there is none of this id."""
    _row(connection, name, moment_id)
    connection.execute("DELETE FROM snapshot WHERE administration = ? AND id = ?", (name, moment_id))


def _row(connection: sqlite3.Connection, name: str, moment_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM snapshot WHERE administration = ? AND id = ?", (name, moment_id)
    ).fetchone()
    if row is None:
        raise LookupError(f"there is no moment {moment_id}")
    return row


def _told(row: sqlite3.Row) -> dict[str, Any]:
    kept = _unpacked(row)
    counts = {table: len(kept[table]) for table in ("invoice", "mutation", "relation", "article")}
    return {"id": row["id"], "title": row["title"], "at": row["at"], **counts}


def _packed(connection: sqlite3.Connection, name: str) -> bytes:
    kept: dict[str, Any] = {
        table: [dict(row) for row in connection.execute(f"SELECT * FROM {table} WHERE administration = ?", (name,))]
        for table in _BOOKS
    }
    found = connection.execute("SELECT next_number FROM administration WHERE name = ?", (name,)).fetchone()
    return zlib.compress(json.dumps(kept | {"next_number": found["next_number"]}).encode())


def _unpacked(row: sqlite3.Row) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(zlib.decompress(row["data"]))
    return kept
