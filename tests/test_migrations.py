"""From every released state of the database forward, without losing a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask_migrate import check, upgrade

from app import create_app
from tenancy.database import db
from tests.conftest import settings_for
from tests.support import old_rows

# what each release brought, oldest first; tests/architecture/test_releases.py holds it against CHANGELOG and the folder
pytestmark = pytest.mark.slow
BY_RELEASE = {"0.1": ("0001", "0002"), "0.2": ("0003", "0004", "0005", "0006")}
RELEASED = tuple(revision for revisions in BY_RELEASE.values() for revision in revisions)


@pytest.mark.parametrize("revision", RELEASED)
def test_a_database_of_an_earlier_release_keeps_every_row(tmp_path: Path, revision: str) -> None:
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx"))
    with app.app_context():
        upgrade(revision=revision)
        with db.engine.begin() as connection:
            tables = old_rows.fill(connection)
            before = old_rows.read(connection, tables)
        assert len(before) > 15
        assert all(len(rows) == 1 for rows in before.values())
        upgrade()
        check()
        with db.engine.connect() as connection:
            assert old_rows.read(connection, tables) == old_rows.migrated(before)
            old_rows.went_over(connection, before)
        db.engine.dispose()
