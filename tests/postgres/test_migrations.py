"""The same journey through the releases on PostgreSQL, as the owner of the tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import text

from app import create_app
from services.company import tenants
from tenancy.database import db
from tests.conftest import settings_for
from tests.support import old_days, old_rows
from tests.support.old_release import finish, old_release
from tests.support.postgres import OWNER, PostgresServer, migrate
from tests.support.recorder import recording
from tests.support.sandbox_process import Sandbox
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
            assert old_rows.read(connection, tables) == old_rows.migrated(before)
            old_rows.went_over(connection, before)
        db.engine.dispose()


@pytest.mark.parametrize("arrived", [False, True], ids=["lost", "arrived"])
def test_what_a_killed_release_left_is_finished_with_its_own_bytes(
    tmp_path: Path, postgres_server: PostgresServer, sandbox: Sandbox, arrived: bool
) -> None:
    old, name = old_release("0.2"), postgres_server.new()
    with recording(sandbox.soap_url) as recorder:
        as_owner = settings_for(tmp_path, recorder.url, database_url=postgres_server.url(name, OWNER))
        app = create_app(as_owner)
        with app.app_context():
            upgrade(revision=old.revision)
            with db.engine.begin() as connection:
                connection.execute(_AS_THE_TENANT)
                old.load(connection)
            db.engine.dispose()
        migrate(as_owner)
        app = create_app(replace(as_owner, database_url=postgres_server.url(name)))
        with app.app_context():
            finish(app.extensions["crafter"], old, sandbox, recorder, arrived)
            tenants.leave()
            db.engine.dispose()
        app.extensions["crafter"].bookkeeping.close()


def test_rows_of_every_tenant_get_our_words(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """The owner sees only rows of the tenant that is named: none may be forgotten."""
    url = postgres_server.url(postgres_server.new(), OWNER)
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx", database_url=url))
    with app.app_context():
        upgrade(revision="0006")
        with db.engine.begin() as connection:
            for tenant in (1, 2):
                named = {"tenant": tenant, "key": UUID(int=tenant), "slug": f"t{tenant}"}
                connection.execute(text("SELECT set_config('app.tenant_id', CAST(:tenant AS text), true)"), named)
                connection.execute(
                    text(
                        "INSERT INTO tenant (id, slug, name, created_at, is_demo) "
                        "VALUES (:tenant, :slug, 'T', now(), false)"
                    ),
                    named,
                )
                connection.execute(
                    text(
                        "INSERT INTO line_default (tenant_id, id, kind, code, ledger_code, vat_code) "
                        "VALUES (:tenant, :key, 'hours', '', '', 'HOOG_VERK_21')"
                    ),
                    named,
                )
        upgrade()
        for tenant in (1, 2):
            with db.engine.begin() as connection:
                connection.execute(text("SELECT set_config('app.tenant_id', :tenant, true)"), {"tenant": str(tenant)})
                assert connection.scalars(text("SELECT vat_code FROM line_default")).all() == ["high"]
        db.engine.dispose()


def test_days_and_people_become_visits_and_go_back(tmp_path: Path, postgres_server: PostgresServer) -> None:
    url = postgres_server.url(postgres_server.new(), OWNER)
    app = create_app(settings_for(tmp_path, "http://127.0.0.1:9/soap.asmx", database_url=url))
    with app.app_context():
        upgrade(revision="0010")
        with db.engine.begin() as connection:
            connection.execute(_AS_THE_TENANT)
            old_days.fill(connection)
        upgrade()
        with db.engine.begin() as connection:
            connection.execute(_AS_THE_TENANT)
            assert old_days.forward(connection) == [visit for _order, visit in old_days.CASES]
        downgrade(revision="0010")
        with db.engine.begin() as connection:
            connection.execute(_AS_THE_TENANT)
            assert old_days.back(connection) == old_days.as_it_was()
        upgrade()
        with db.engine.begin() as connection:
            connection.execute(_AS_THE_TENANT)
            old_days.add_a_second_visit(connection)
        with pytest.raises(SystemExit):  # several visits: the command says why, and nothing was changed
            downgrade(revision="0010")
        db.engine.dispose()
