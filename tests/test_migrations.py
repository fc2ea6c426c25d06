"""From every released state of the database forward, without losing a row."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade

from app import create_app
from tenancy import migrated
from tenancy.database import db
from tests.conftest import settings_for
from tests.support import old_days, old_rows

# what each release brought, oldest first; tests/architecture/test_releases.py holds it against CHANGELOG and the folder
pytestmark = pytest.mark.slow
BY_RELEASE = {"0.1": ("0001", "0002"), "0.2": ("0003", "0004", "0005", "0006")}
ROOT = Path(__file__).parents[1]
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


def test_what_readiness_asks_is_what_alembic_would_say(tmp_path: Path) -> None:
    assert max(migrated.known_revisions()) == ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx"))
    with app.app_context():
        for wanted in (None, "0010", max(migrated.known_revisions())):
            if wanted:
                upgrade(revision=wanted)
            assert migrated.is_migrated() == (wanted == max(migrated.known_revisions()))
            with db.engine.connect() as connection:
                assert migrated.revision(connection) == wanted
                assert MigrationContext.configure(connection).get_current_revision() == wanted
        db.engine.dispose()


def test_days_and_people_become_visits_and_go_back(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx"))
    with app.app_context():
        upgrade(revision="0010")
        with db.engine.begin() as connection:
            old_days.fill(connection)
        upgrade()
        with db.engine.connect() as connection:
            assert old_days.forward(connection) == [visit for _order, visit in old_days.CASES]
        downgrade(revision="0010")
        with db.engine.connect() as connection:
            assert old_days.back(connection) == old_days.as_it_was()
        upgrade()
        with db.engine.begin() as connection:
            old_days.add_a_second_visit(connection)
        with pytest.raises(SystemExit):  # several visits: the command says why, and nothing was changed
            downgrade(revision="0010")
        db.engine.dispose()
