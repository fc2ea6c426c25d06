"""Which run of the database this is. A copy is put back between two runs, so a sign of life given in another one says
nothing of the database as it is now (domain/signs.py).

On PostgreSQL a run lasts as long as the server, the database and the table of the signs are the same. On SQLite it
begins with whoever opens the file while nobody else has it open, and lasts until all of them are gone: each holds a
lock on a file beside it, which holds the name of the run.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text

BESIDE = "-here"  # after the name of the database file
logger = logging.getLogger("crafter.run")
_joined: WeakKeyDictionary[Engine, _Joined] = WeakKeyDictionary()
# dropping the tables and emptying them both give this one another file
_ON_POSTGRES = text(
    "SELECT extract(epoch FROM pg_postmaster_start_time())::text, "
    "(SELECT oid FROM pg_database WHERE datname = current_database())::text, pg_relation_filenode('heartbeat')::text"
)


class _Joined:
    """That this process is among those which have a SQLite file open; until it ends, or nobody has the engine. Before
    `open`, and when that fails, it is a run of its own."""

    def __init__(self) -> None:
        self.name = uuid4().hex
        self._file: int | None = None

    def open(self, beside: Path) -> None:
        """Join those who are there already, or begin a run. Raises OSError."""
        self._file = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with _one_at_a_time(beside):
            if self._is_alone(self._file):
                os.truncate(self._file, 0)
                os.pwrite(self._file, self.name.encode(), 0)
                os.fsync(self._file)
            else:
                self.name = os.pread(self._file, 100, 0).decode()
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    @staticmethod
    def _is_alone(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def _one_at_a_time(beside: Path) -> Iterator[None]:
    """Who comes in. Else two who come together would each see the other, and neither be alone."""
    door = os.open(beside, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.lockf(door, fcntl.LOCK_EX)  # of another kind than the lock that stays, so they do not meet
        yield
    finally:
        os.close(door)


def join(engine: Engine) -> None:
    """This process has the database open from now on. To be called after any fork."""
    place = engine.url.database
    if engine.dialect.name != "sqlite" or not place or place == ":memory:":
        return
    joined = _Joined()
    try:
        joined.open(Path(place + BESIDE))
    except OSError as error:
        logger.warning("cannot tell whether others have the database open (%s): it counts as a run of its own", error)
    _joined[engine] = joined


def name(connection: Connection) -> str:
    """The name of the present run; of a SQLite file that nobody here joined an empty text."""
    if connection.dialect.name != "sqlite":
        return "/".join(str(part) for part in connection.execute(_ON_POSTGRES).one())
    joined = _joined.get(connection.engine)
    return joined.name if joined else ""
