"""An original database, of which every test gets a copy of its own: a file on SQLite, a template on PostgreSQL."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from sqlalchemy import make_url

from tests.support.postgres import OWNER, PostgresServer


class Original(Protocol):
    """A database that is copied. Nobody is connected to it, nor to a copy that is renewed."""

    def copy(self, folder: Path) -> str:
        """The URL of a new copy; a file goes into this folder."""
        ...

    def renew(self, url: str) -> None:
        """Make a copy as it was at first."""
        ...

    def as_owner(self, url: str) -> str:
        """A copy's URL for who may change its tables."""
        ...

    def drop(self, url: str) -> None:
        """Throw a copy away."""
        ...


class OriginalFile:
    """SQLite: the last connection took the write-ahead log along into the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def copy(self, folder: Path) -> str:
        url = f"sqlite:///{folder / 'crafter.sqlite3'}"
        self.renew(url)
        return url

    def renew(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        shutil.copy(self._path, path)

    def as_owner(self, url: str) -> str:
        return url

    def drop(self, url: str) -> None:
        """The folder goes away with the test."""


class OriginalOnPostgres:
    """PostgreSQL: a copy is a database with this one as its template."""

    def __init__(self, server: PostgresServer, name: str) -> None:
        self._server, self._name = server, name

    def copy(self, folder: Path) -> str:
        return self._server.url(self.another())

    def another(self) -> str:
        """The name of a new copy."""
        return self._server.new(self._name)

    def renew(self, url: str) -> None:
        self._server.make(_name(url), self._name)

    def as_owner(self, url: str) -> str:
        return self._server.url(_name(url), OWNER)

    def drop(self, url: str) -> None:
        self._server.drop(_name(url))


def _name(url: str) -> str:
    name = make_url(url).database
    assert name
    return name
