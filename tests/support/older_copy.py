"""A database that is put back to how it was, as a restore does it, while the books go on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from services.company import tenants
from settings import Settings
from tenancy.database import db
from tests.support.cast import process


class OlderCopy:
    """`take` a copy of the test's database, and later `put_back` what it was then."""

    def __init__(self, request: pytest.FixtureRequest, settings: Settings, folder: Path) -> None:
        self._url = make_url(settings.database_url)
        self._kept = folder / "older.sqlite3"
        on_sqlite = self._url.drivername.startswith("sqlite")
        self._server = None if on_sqlite else request.getfixturevalue("postgres_server")
        self._copy = ""

    def take(self) -> None:
        """A copy of the database as it stands now; whoever worked in Vos is inside it anew."""
        _leave()
        if self._server is not None:
            self._copy = self._server.new(self._url.database)
        else:
            _copy(str(self._url.database), str(self._kept))
        process("vos")

    def put_back(self) -> None:
        """The database is the copy again; whoever worked in Vos is inside it anew."""
        _leave()
        if self._server is not None:
            self._server.make(self._url.database, self._copy)
        else:
            with (
                closing(sqlite3.connect(self._kept)) as kept,
                closing(sqlite3.connect(str(self._url.database))) as live,
            ):
                kept.backup(live)
        process("vos")

    def throw_away(self) -> None:
        """Nothing of the copy stays."""
        if self._server is not None and self._copy:
            self._server.drop(self._copy)


def _copy(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


def _leave() -> None:
    tenants.leave()
    db.session.remove()
    db.engine.dispose()


@pytest.fixture
def older_copy(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[OlderCopy]:
    """This test's database, to be put back."""
    copy = OlderCopy(request, settings, tmp_path)
    yield copy
    copy.throw_away()
