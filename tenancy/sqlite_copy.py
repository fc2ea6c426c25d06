"""A copy of a SQLite database while others write in it, and putting one in its place."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from domain.message import Refusal, msg

_PAGES = 2000  # in one step, 8 MB; others get their turn in between
_BREATH = 0.002
_ASIDE = ".before-restore-"
# who begins with a copy finds no sign of life in it, so everybody looks back (services/heartbeat.py)
NOT_COPIED = "heartbeat"


def copy(source: Path, target: Path, told: Callable[[int, int], None]) -> None:
    """Copy by SQLite's own backup: the copy is of one moment, all committed before it is in it, nobody waits.

    A read transaction holds that moment, so the copy does not begin anew when somebody writes meanwhile.
    """

    def step(_status: int, left: int, total: int) -> None:
        told(total - left, total)
        time.sleep(_BREATH)

    with _opened(source, "rw") as here, _opened(target) as there:
        here.execute("BEGIN")
        here.execute("SELECT count(*) FROM sqlite_master").fetchone()
        here.backup(there, pages=_PAGES, progress=step)
        here.execute("ROLLBACK")
        there.execute("PRAGMA journal_mode = DELETE")
        if NOT_COPIED in _tables(there):
            there.execute(f"DELETE FROM {NOT_COPIED}")  # noqa: S608 - a name of our own


def look_into(database: Path) -> tuple[str, dict[str, int]]:
    """The revision of its tables ("" for none) and how many rows each holds. Raises Refusal when it is damaged."""
    with _opened(database) as connection:
        try:
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
            names = _tables(connection)
            rows = {name: _count(connection, name) for name in names}
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone() if names else None
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise Refusal(msg("De database %(file)s is beschadigd: %(why)s.", file=database.name, why=found))
    return (revision[0] if revision else ""), rows


def holds_nothing(database: Path) -> bool:
    """Whether there is no database, or none with anybody in it; a damaged one is not nothing. Raises Refusal when
    somebody has it open."""
    if not database.exists():
        return True
    with _opened(database) as connection:
        try:
            # SQLite leaves its write-ahead mode only when nobody else has the file open
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA journal_mode = DELETE")
            inhabited = {"tenant", "person"} & set(_tables(connection))
            return not any(_count(connection, name) for name in inhabited)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise Refusal(
                msg("Portaal of worker gebruikt %(file)s nog. Stop ze eerst; er is niets veranderd.", file=database)
            ) from None
        except sqlite3.DatabaseError:
            return False


def put_in_place(copied: Path, database: Path, stamp: str) -> Path | None:
    """Let a copy be the database from now on, in one step; where the one that stood there is kept, if any did."""
    aside = database.with_name(f"{database.name}{_ASIDE}{stamp}")
    kept = database.exists()
    if kept:
        os.link(database, aside)
    for end in ("-wal", "-shm", "-journal"):  # SQLite would read them as the copy's own
        database.with_name(database.name + end).unlink(missing_ok=True)
    copied.replace(database)
    return aside if kept else None


def _count(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - from the catalogue


@contextmanager
def _opened(database: Path, mode: str = "rwc") -> Iterator[sqlite3.Connection]:
    """`mode` as SQLite has it: rw makes no empty database where there is none."""
    address = f"{database.absolute().as_uri()}?mode={mode}"
    with closing(
        sqlite3.connect(address, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
    ) as connection:
        yield connection


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [row[0] for row in rows]
