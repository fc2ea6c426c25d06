"""The same journey through the releases on PostgreSQL, as the owner of the tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask_migrate import check, upgrade
from sqlalchemy import text

from app import create_app
from tenancy.database import db
from tests.conftest import settings_for
from tests.support import old_rows
from tests.support.postgres import OWNER, PostgresServer
from tests.test_migrations import RELEASED

_AS_THE_TENANT = text("SET LOCAL app.tenant_id = '1'")  # since 0005 the owner, too, meets rows of a named tenant only


@pytest.mark.parametrize("revision", RELEASED)
def test_a_database_of_an_earlier_release_keeps_every_row(
    tmp_path: Path, postgres_server: PostgresServer, revision: str
) -> None:
    url = postgres_server.url(postgres_server.new(), OWNER)
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx", database_url=url))
    with app.app_context():
        upgrade(revision=revision)
        with db.engine.begin() as connection:
            connection.execute(_AS_THE_TENANT)
            tables = old_rows.fill(connection)
            before = old_rows.read(connection, tables)
        assert all(len(rows) == 1 for rows in before.values())
        upgrade()
        check()
        with db.engine.begin() as connection:
            connection.execute(_AS_THE_TENANT)
            assert old_rows.read(connection, tables) == before
        db.engine.dispose()
