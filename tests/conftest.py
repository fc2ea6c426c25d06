"""Fixtures of the whole suite: a real sandbox, a migrated database with the cast, an app, and logged-in clients."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from domain.permissions import OFFICE, PLANNER, READER, WORKER
from services import tenants
from settings import Settings, Times
from tests.support import cast as cast_of
from tests.support.client import HouseClient, client_for
from tests.support.sandbox_process import Sandbox, running_sandbox

QUICK = Times(
    connect_seconds=1,
    post_seconds=2,
    read_seconds=2,
    list_seconds=5,
    start_within=timedelta(seconds=5),
    lease=timedelta(seconds=3),
    quiet_window=timedelta(seconds=4),
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases of a kind passed: tests say so with record_property("counted", "what they are")."""
    reports = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    counted = Counter(what for report in reports for name, what in report.user_properties if name == "counted")
    for what, number in sorted(counted.items()):
        terminalreporter.write_line(f"{number} {what}")


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One play bookkeeping per test process."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The play bookkeeping, back at its seed for the account the tests use."""
    sandbox_process.reset("demo")
    return sandbox_process


def settings_for(folder: Path, soap_url: str, **changes: object) -> Settings:
    """Settings of a test: a database in a folder, compressed times, nothing left out."""
    given = {
        "env": "demo",
        "database_url": f"sqlite:///{folder / 'crafter.sqlite3'}",
        "secret_key": "a secret for tests only, long enough",
        "credentials_keys": {"v1": b"k" * 32},
        "eboekhouden_url": soap_url,
        "queue_url": f"sqlite:///{folder / 'queue.sqlite3'}",
        "data": folder,
        "htmx_source": "local",
        "sandbox_control_url": soap_url.removesuffix("/soap.asmx"),
        "times": QUICK,
    } | changes
    return Settings(**given)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, sandbox_process: Sandbox) -> SimpleNamespace:
    """A migrated database with the cast; Vos is connected for real. Every test gets a copy of the file."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(settings_for(folder, sandbox_process.soap_url))
    with app.app_context():
        upgrade()
        hashed = cast_of.hashed_password()
        cast_of.add_people(hashed)
        vos = cast_of.build("vos", "Vos", hashed, (OFFICE, PLANNER, WORKER, READER), "vos")
        buur = cast_of.build("buur", "Buur", hashed, (WORKER,), "buur")
        cast_of.connect(app.extensions["crafter"], "vos", sandbox_process.credentials("demo"))
        tenants.leave()
        from tenancy.database import db

        with db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        db.engine.dispose()
    return SimpleNamespace(path=folder / "crafter.sqlite3", vos=vos, buur=buur)


@pytest.fixture
def settings(template: SimpleNamespace, tmp_path: Path, sandbox: Sandbox) -> Settings:
    """Settings over this test's own copy of the database, and a sandbox whose books are empty like it."""
    shutil.copy(template.path, tmp_path / "crafter.sqlite3")
    return settings_for(tmp_path, sandbox.soap_url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app inside an application context, with no tenant entered."""
    made = create_app(settings)
    with made.app_context():
        yield made
        tenants.leave()
        from tenancy.database import db

        db.engine.dispose()
    made.extensions["crafter"].bookkeeping.close()


@pytest.fixture
def cast(template: SimpleNamespace) -> SimpleNamespace:
    """The ids of both tenants: cast.vos (ours) and cast.buur (the neighbour)."""
    return SimpleNamespace(vos=template.vos, buur=template.buur)


@pytest.fixture
def client_as(app: Flask) -> Callable[[str | None], HouseClient]:
    """A client logged in as owner, office, planner, worker, reader, support, neighbour, neighbour_worker or None."""
    return lambda who: client_for(app, who)


@pytest.fixture
def vos(app: Flask, cast: SimpleNamespace) -> SimpleNamespace:
    """Inside Vos with full rights: `vos.actor`, `vos.parts`, and the ids of `cast.vos`."""
    actor = cast_of.process("vos")
    return SimpleNamespace(actor=actor, parts=app.extensions["crafter"], **vars(cast.vos))
