"""The one SQLite file: its tables, its connections, and its transactions."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS administration (
    name TEXT PRIMARY KEY, position INTEGER NOT NULL, company TEXT NOT NULL, place TEXT NOT NULL,
    code2 TEXT NOT NULL UNIQUE, book_year TEXT NOT NULL, remote_id INTEGER NOT NULL,
    next_number INTEGER NOT NULL, switches TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS login (
    username TEXT PRIMARY KEY, code1 TEXT NOT NULL, administration TEXT, permitted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS template (
    administration TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (administration, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS relation (
    administration TEXT NOT NULL, id INTEGER NOT NULL, code TEXT NOT NULL, company TEXT NOT NULL,
    search TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (administration, id), UNIQUE (administration, code)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS article (
    administration TEXT NOT NULL, id INTEGER NOT NULL, code TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (administration, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
    administration TEXT NOT NULL, id INTEGER NOT NULL, code TEXT NOT NULL, description TEXT NOT NULL,
    category TEXT NOT NULL, PRIMARY KEY (administration, code)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cost_centre (
    administration TEXT NOT NULL, id INTEGER NOT NULL, description TEXT NOT NULL,
    parent INTEGER NOT NULL, PRIMARY KEY (administration, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invoice (
    id INTEGER PRIMARY KEY AUTOINCREMENT, administration TEXT NOT NULL, number TEXT NOT NULL,
    copy INTEGER NOT NULL, relation_code TEXT NOT NULL, date TEXT NOT NULL, excl TEXT NOT NULL,
    vat TEXT NOT NULL, incl TEXT NOT NULL, url TEXT NOT NULL, data TEXT NOT NULL,
    received_at TEXT NOT NULL,
    UNIQUE (administration, number, copy));
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY AUTOINCREMENT, administration TEXT NOT NULL, at TEXT NOT NULL,
    operation TEXT NOT NULL, sent TEXT NOT NULL, mischief TEXT, acted_at TEXT, code TEXT,
    answered TEXT, soap TEXT, tolerated TEXT);
CREATE TABLE IF NOT EXISTS mutation (
    administration TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, date TEXT NOT NULL,
    relation_code TEXT NOT NULL, invoice_number TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (administration, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS usage (
    administration TEXT NOT NULL, month TEXT NOT NULL, calls INTEGER NOT NULL,
    PRIMARY KEY (administration, month)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accountant (
    username TEXT NOT NULL, administration TEXT NOT NULL,
    PRIMARY KEY (username, administration)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS snapshot (
    id INTEGER PRIMARY KEY AUTOINCREMENT, administration TEXT NOT NULL, title TEXT NOT NULL, at TEXT NOT NULL,
    data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS call_of_administration ON call (administration, id);
CREATE INDEX IF NOT EXISTS invoice_of_administration ON invoice (administration, id);
CREATE INDEX IF NOT EXISTS mutation_of_invoice ON mutation (administration, invoice_number);
"""
TABLES = (
    "administration",
    "login",
    "template",
    "relation",
    "article",
    "ledger",
    "cost_centre",
    "invoice",
    "mutation",
    "usage",
    "accountant",
    "call",
    "snapshot",
)
# columns that a state file of an earlier day does not have yet: table, column, type
_ADDED = (("call", "soap", "TEXT"), ("call", "tolerated", "TEXT"))


class Store:
    """Connections to the state file. Writers go one at a time; readers never wait for them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._writing = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_TABLES)
            _add_columns(connection)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one read transaction: everything seen is of one moment."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def writing(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """A connection inside one write transaction; on disk when this ends, nothing kept on an error.

        With `durable=False` a power cut may lose it (the call log can bear that).
        """
        with self._writing, self._connection() as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close every idle connection."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = self._opened()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        # SQLite's own lower() knows no letters but a to z
        connection.create_function("small_letters", 1, str.lower, deterministic=True)
        return connection


def where(administration: str, *conditions: tuple[str, Any]) -> tuple[str, list[Any]]:
    """The text after WHERE and its values: rows of this administration that meet every condition whose value was given
    (`("number >= ?", 3)`); an empty text, 0 or None is no wish. Days go in as ISO text."""
    wanted = [
        ("administration = ?", administration),
        *((text, value.isoformat() if isinstance(value, date) else value) for text, value in conditions if value),
    ]
    return " AND ".join(text for text, _ in wanted), [value for _, value in wanted]


def _add_columns(connection: sqlite3.Connection) -> None:
    for table, column, kind in _ADDED:
        present = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
        if column not in present:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
