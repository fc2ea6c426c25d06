"""A lane's database, copied and put back while nobody is connected: as somebody does who copies files, or a machine."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from tests.support.postgres import PostgresServer


class Copies:
    """The database at `here`, and the copies that are made of it: files in a folder, or databases on its server."""

    def __init__(self, here: URL, folder: Path, server: PostgresServer | None) -> None:
        self._here = here
        self._folder = folder
        self._server = server
        self._kept = ""

    @property
    def url(self) -> str:
        """Where the database is."""
        return self._here.render_as_string(hide_password=False)

    def beside(self) -> Copies:
        """Another database that is as this one now; this one stays."""
        name = self._copy()
        return Copies(self._here.set(database=name), self._folder, self._server)

    def take(self) -> None:
        """Keep how it is now; the copy before is forgotten."""
        before, self._kept = self._kept, self._copy()
        if self._server is not None and before:
            self._server.drop(before)

    def put_back(self) -> None:
        """It is again as it was when `take` was called last. Whatever was written since is gone."""
        if self._server is not None:
            self._server.make(str(self._here.database), self._kept)
            return
        file = Path(str(self._here.database))
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        shutil.copy(self._kept, file)

    def turn_out(self) -> bool:
        """Nobody is connected any more, and nobody can be; no when it is a file."""
        if self._server is not None:
            self._server.allow(str(self._here.database), False)
        return self._server is not None

    def let_in(self) -> None:
        """Whoever was turned out may come back."""
        assert self._server is not None
        self._server.allow(str(self._here.database), True)

    def _copy(self) -> str:
        """The name of a new copy."""
        if self._server is not None:
            return self._server.new(str(self._here.database))
        self._folder.mkdir(exist_ok=True)
        name = self._folder / f"{len(list(self._folder.iterdir()))}.sqlite3"
        with closing(sqlite3.connect(str(self._here.database))) as here, closing(sqlite3.connect(name)) as there:
            here.backup(there)
        return str(name)
