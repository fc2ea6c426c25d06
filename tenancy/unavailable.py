"""What keeps a database from its work although nothing is wrong with ours: it is away, full, busy or only readable."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from tenancy.database import db

AWAY, FULL, BUSY, READ_ONLY = "away", "full", "busy", "read_only"

_ROOM = 64 * 1024  # bytes; with less than this SQLite cannot even open its files
_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: AWAY,
    sqlite3.SQLITE_CANTOPEN: AWAY,
    sqlite3.SQLITE_CORRUPT: AWAY,
    sqlite3.SQLITE_NOTADB: AWAY,
}
_LOST = frozenset({"OperationalError", "InterfaceError"})  # without an SQLSTATE: no server that could give one
# by the beginning of an SQLSTATE, the longest first: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES = {
    "53100": FULL,
    "25006": READ_ONLY,
    "55P03": BUSY,
    "57014": BUSY,
    "57P": AWAY,
    "08": AWAY,
    "40": BUSY,
    "53": BUSY,
    "58": AWAY,
}


def why_unavailable(error: BaseException) -> str | None:
    """AWAY, FULL, BUSY or READ_ONLY when that is what an error comes down to; None for every other one, such as a
    mistake of ours."""
    found = next(filter(None, map(_why, _causes(error))), None)
    return FULL if found == AWAY and no_room() else found


def no_room() -> bool:
    """Whether the disk with our SQLite database is full. Elsewhere the database itself says so."""
    try:
        url = db.engine.url
    except RuntimeError:  # while the app is being made
        return False
    file = url.database
    if url.get_backend_name() != "sqlite" or not file:
        return False
    try:
        return shutil.disk_usage(Path(file).parent).free < _ROOM
    except OSError:
        return False


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        causes = (getattr(one, "original_exception", None), getattr(one, "orig", None), one.__cause__)
        waiting += [cause for cause in causes if isinstance(cause, BaseException)]


def _why(error: BaseException) -> str | None:
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if type(error).__module__.partition(".")[0] == "psycopg":  # not imported here: on SQLite nobody needs it
        state = getattr(error, "sqlstate", None) or ""
        lost = not state and bool(_LOST & {one.__name__ for one in type(error).__mro__})
        return AWAY if lost else next((why for start, why in _POSTGRES.items() if state.startswith(start)), None)
    if isinstance(error, OSError):
        return FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else None
    if isinstance(error, NoConnectionFree):
        return BUSY
    if isinstance(error, PendingRollbackError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return AWAY
    return None
