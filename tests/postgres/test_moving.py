"""An installation on SQLite, carried over to PostgreSQL: every row, once, also after a kill in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, inspect, select, text

from app import create_app
from domain.message import Refusal
from models import Tenant
from services.company import tenants
from services.invoicing import press
from services.trail import seals
from settings import Settings
from tenancy import moving
from tenancy.database import Base, db
from tests.conftest import settings_for
from tests.support.cast import make_order, process
from tests.support.client import client_for
from tests.support.postgres import APP, OWNER, PostgresServer, migrate
from tests.support.sandbox_process import Sandbox

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installation(template_file: SimpleNamespace, tmp_path: Path, sandbox: Sandbox) -> Flask:
    """The cast on SQLite with an invoice that is posted and a trail that is sealed."""
    made = create_app(settings_for(tmp_path, sandbox.soap_url, database_url=template_file.original.copy(tmp_path)))
    deps = made.extensions["crafter"]
    with made.app_context():
        actor = process("vos")
        press.approve(deps, actor, template_file.vos.order_id)
        make_order(actor, template_file.vos.relation_id)
        for tenant_id, _slug in seals.all_tenants():
            seals.seal(deps.settings.audit_keys, tenant_id, timedelta(0))
        tenants.leave()
        db.engine.dispose()
    deps.bookkeeping.close()
    return made


@pytest.fixture
def target(postgres_server: PostgresServer, installation: Flask) -> Iterator[Callable[[str], str]]:
    """A migrated, empty PostgreSQL: its address for a role."""
    name = postgres_server.new()
    migrate(replace(installation.extensions["crafter"].settings, database_url=postgres_server.url(name, OWNER)))
    yield lambda role: postgres_server.url(name, role)
    postgres_server.drop(name)


def command(installation: Flask, url: str, crash: str = "") -> subprocess.CompletedProcess[str]:
    """`flask database move` in a process of its own."""
    settings: Settings = installation.extensions["crafter"].settings
    given = {"CRAFTER_ENV": "demo", "DATABASE_URL": settings.database_url, "DATA": str(settings.data / "data"),
             "CRAFTER_CRASH_AT": crash}  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "database", "move", "--to", url],
        cwd=ROOT, env=os.environ | given, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def counted(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            one.name: connection.scalar(select(func.count()).select_from(one)) for one in Base.metadata.sorted_tables
        }


def test_a_move_that_is_killed_halfway_goes_on_and_carries_every_row(
    installation: Flask, target: Callable[[str], str]
) -> None:
    killed = command(installation, target(OWNER), "before_rows:20")
    assert killed.returncode == -signal.SIGKILL
    half = create_app(replace(installation.extensions["crafter"].settings, database_url=target(OWNER)))
    with half.app_context():
        assert db.session.scalar(select(func.count()).select_from(Tenant)) == 2
        assert inspect(db.engine).has_table("move_under_way")
        db.session.remove()
        db.engine.dispose()
    done = command(installation, target(OWNER))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "controlegetallen zijn gelijk" in done.stdout
    with installation.app_context():
        here = counted(db.engine)
        db.engine.dispose()
    assert f"{sum(here.values())} rijen overgebracht" in done.stdout
    told = {line.split()[2]: int(line.split()[0]) for line in done.stdout.splitlines() if len(line.split()) == 3}
    assert {name: told[name] for name in here} == here
    assert min(here["audit_seal"], here["invoice_posting"], here["audit_entry"]) > 0


def test_what_was_moved_works_seals_and_sequences_included(
    installation: Flask, target: Callable[[str], str], sandbox: Sandbox
) -> None:
    done = command(installation, target(OWNER))
    assert done.returncode == 0, done.stdout + done.stderr
    settings = installation.extensions["crafter"].settings
    granted = create_app(replace(settings, database_url=target(OWNER))).test_cli_runner()
    assert granted.invoke(args=["database", "grant", "--role", APP]).exit_code == 0
    moved = create_app(replace(settings, database_url=target(APP)))
    with moved.app_context():
        verdicts = seals.verify(settings.audit_keys)
        assert [(one.broken, one.sealed > 0) for one in verdicts] == [("", True)] * 2
        assert client_for(moved, "owner").get("/t/vos/work-orders/").status_code == 200
        tenant_id, _token = tenants.create("nieuw", "Nieuw", "baas@nieuw.example")
        assert tenant_id not in {one.id for one in db.session.scalars(select(Tenant)) if one.slug != "nieuw"}
        actor = process("vos")
        relation_id = db.session.scalar(
            text("SELECT relation_id FROM work_order WHERE relation_id IS NOT NULL LIMIT 1")
        )
        order_id = make_order(actor, relation_id)
        assert press.approve(moved.extensions["crafter"], actor, order_id).state == "posted"
        tenants.leave()
        db.engine.dispose()
    assert len(sandbox.invoices("demo")) == 2
    moved.extensions["crafter"].bookkeeping.close()


def refused(installation: Flask, url: str, rows: int = moving.ROWS) -> str:
    """Why a move in this process was refused."""
    there = create_engine(url)
    try:
        with installation.app_context(), pytest.raises(Refusal) as refusal:
            moving.move(db.engine, there, rows=rows)
    finally:
        there.dispose()
        with installation.app_context():
            db.engine.dispose()
    return str(refusal.value)


def test_a_target_that_holds_something_is_left_alone(installation: Flask, target: Callable[[str], str]) -> None:
    there = create_engine(target(OWNER))
    with there.begin() as connection:
        connection.execute(text("INSERT INTO throttle (key, failures, last_at) VALUES ('x', 1, now())"))
    assert "niet leeg (throttle)" in refused(installation, target(OWNER))
    assert not inspect(there).has_table("move_under_way")
    there.dispose()


def test_a_target_that_another_move_began_on_is_left_alone(installation: Flask, target: Callable[[str], str]) -> None:
    there = create_engine(target(OWNER))
    with there.begin() as connection:
        connection.execute(text("CREATE TABLE move_under_way (source text NOT NULL)"))
        connection.execute(text("INSERT INTO move_under_way VALUES ('/elsewhere.sqlite3')"))
    there.dispose()
    assert "andere database" in refused(installation, target(OWNER))


def test_a_target_without_our_tables_is_told_to_migrate(installation: Flask, postgres_server: PostgresServer) -> None:
    name = postgres_server.new()
    assert "flask db upgrade" in refused(installation, postgres_server.url(name, OWNER))
    postgres_server.drop(name)


def test_a_row_that_was_changed_meanwhile_is_found_out(installation: Flask, target: Callable[[str], str]) -> None:
    """Killed, then somebody worked on in the old database, then given again."""
    assert command(installation, target(OWNER), "after_rows:25").returncode == -signal.SIGKILL
    with installation.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE person SET name = 'Iemand anders' WHERE id = (SELECT min(id) FROM person)"))
        db.engine.dispose()
    assert "person is niet hetzelfde aangekomen" in refused(installation, target(OWNER))


def test_a_row_that_does_not_fit_is_named(installation: Flask, target: Callable[[str], str]) -> None:
    with installation.app_context():
        with db.engine.begin() as connection:
            connection.execute(
                text("UPDATE person SET name = 'nul' || char(0) || 'teken' WHERE id = (SELECT min(id) FROM person)")
            )
        db.engine.dispose()
    assert "Een rij van person past niet" in refused(installation, target(OWNER), rows=1)


def test_a_move_goes_from_sqlite_to_postgresql_only(installation: Flask, tmp_path: Path) -> None:
    assert "van SQLite naar PostgreSQL" in refused(installation, f"sqlite:///{tmp_path / 'other.sqlite3'}")
