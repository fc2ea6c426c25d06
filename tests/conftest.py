"""Fixtures of the whole suite: a real sandbox, a migrated database with the cast, an app, and logged-in clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import huey  # noqa: F401 - before ours, so whole: tests have queues of both kinds in one process (gateways/queue.py)
import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from app import create_app
from domain.permissions import OFFICE, PLANNER, READER, WORKER
from services.company import tenants
from services.people import login_sessions
from settings import Operator, Settings, Times
from tenancy.database import db
from tests.support import cast as cast_of
from tests.support import clock, one_tenant, quick_start
from tests.support.client import HouseClient, client_for
from tests.support.originals import OriginalFile, OriginalOnPostgres
from tests.support.postgres import OWNER, PostgresServer, migrate, running_postgres
from tests.support.sandbox_process import Sandbox, running_sandbox
from tests.support.standing import sandbox_in, template_in
from tests.support.suite import pytest_collection_modifyitems, pytest_terminal_summary

__all__ = ["pytest_collection_modifyitems", "pytest_terminal_summary"]

# Nothing runs out of time because the machine is busy. A test that is about time says which one is short:
# @pytest.mark.times(lease=timedelta(seconds=3)).
# The cast's customer was seen over there when it was made, and nobody asks again: the tests of asking have their own.
ROOMY = Times(
    connect_seconds=20, post_seconds=60, read_seconds=60, list_seconds=90, start_within=timedelta(seconds=60),
    customer_seconds=60, customer_seen=timedelta(days=365),
)  # fmt: skip


quick_start.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgres` runs the tests on a real PostgreSQL; tests/postgres/ does so in any case. `--standing
    FOLDER`: a sandbox and the cast on SQLite stand there already (tests/support/standing.py)."""
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.addoption("--standing", type=Path)


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """No session is touched meanwhile: that is done every five minutes, beside whatever page is opened then, and a test
    that opens them all takes longer than that on a busy machine."""
    monkeypatch.setattr(login_sessions, "TOUCH_EVERY", timedelta(days=1))


@pytest.fixture(scope="session")
def sandbox_process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One play bookkeeping per test process."""
    folder = request.config.getoption("--standing")
    if folder:
        yield sandbox_in(folder)
        return
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The play bookkeeping, back at its seed for the account the tests use."""
    sandbox_process.reset("demo")
    return sandbox_process


OPERATOR = Operator(support_email="support@getcrafter.com", price_url="https://crafter.example/prijzen")


def settings_for(folder: Path, soap_url: str, **changes: object) -> Settings:
    """Settings of a test: a database in a folder, ample times."""
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
        "times": ROOMY,
        "soap_patience": 60.0,  # seconds: eight who press at once wait for one session, and none is told of it
        "operator": OPERATOR,
    } | changes
    return Settings(**given)  # type: ignore[arg-type]


def build_cast(settings: Settings, sandbox: Sandbox) -> SimpleNamespace:
    """Fill a migrated database with the cast; Vos is connected for real. The ids of both tenants."""
    app = create_app(settings)
    with app.app_context():
        hashed = cast_of.hashed_password()
        cast_of.add_people(hashed)
        vos = cast_of.build("vos", "Vos", hashed, (OFFICE, PLANNER, WORKER, READER), "vos")
        buur = cast_of.build("buur", "Buur", hashed, (OFFICE, PLANNER, WORKER, READER), "buur")
        cast_of.connect(app.extensions["crafter"], "vos", sandbox.credentials("demo"))
        tenants.leave()
        db.engine.dispose()
    app.extensions["crafter"].bookkeeping.close()
    return SimpleNamespace(vos=vos, buur=buur)


@pytest.fixture(scope="session")
def template_file(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sandbox_process: Sandbox
) -> SimpleNamespace:
    """The cast on SQLite: `original`, and the ids `vos` and `buur`."""
    stands = request.config.getoption("--standing")
    if stands:
        return template_in(stands)
    folder = tmp_path_factory.mktemp("template")
    settings = settings_for(folder, sandbox_process.soap_url)
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    cast = build_cast(settings, sandbox_process)
    return SimpleNamespace(original=OriginalFile(folder / "crafter.sqlite3"), vos=cast.vos, buur=cast.buur)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL per test process, started when the first test asks for it."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def template_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, sandbox_process: Sandbox, postgres_server: PostgresServer
) -> SimpleNamespace:
    """The cast on PostgreSQL, put there by a role that owns nothing: `original`, and the ids `vos` and `buur`."""
    folder, name = tmp_path_factory.mktemp("template"), postgres_server.new()
    as_owner = settings_for(folder, sandbox_process.soap_url, database_url=postgres_server.url(name, OWNER))
    migrate(as_owner)
    cast = build_cast(replace(as_owner, database_url=postgres_server.url(name)), sandbox_process)
    return SimpleNamespace(original=OriginalOnPostgres(postgres_server, name), vos=cast.vos, buur=cast.buur)


@pytest.fixture(scope="session")
def template(request: pytest.FixtureRequest, sandbox_process: Sandbox) -> SimpleNamespace:
    """The migrated database with the cast, of the kind this run is about. Every test gets a copy."""
    sandbox_process.reset("demo")  # the cast is connected to it, and a test before may have filled its books
    kind = request.config.getoption("--database")
    found: SimpleNamespace = request.getfixturevalue("template_on_postgres" if kind == "postgres" else "template_file")
    return found


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, sandbox_process: Sandbox) -> Callable[[Path], str]:
    """Makes an empty database of this run's kind: a file in this folder that is yet to be migrated, or a migrated one
    on PostgreSQL, where the app itself may not."""

    def make(folder: Path) -> str:
        if request.config.getoption("--database") == "sqlite":
            return f"sqlite:///{folder / 'crafter.sqlite3'}"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = server.new()
        migrate(settings_for(folder, sandbox_process.soap_url, database_url=server.url(name, OWNER)))
        return server.url(name)

    return make


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, template: SimpleNamespace, tmp_path: Path, sandbox: Sandbox
) -> Iterator[Settings]:
    """Settings over this test's own copy of the database, and a sandbox whose books are empty like it."""
    url = template.original.copy(tmp_path)
    about = request.node.get_closest_marker("times")
    times = replace(ROOMY, **about.kwargs) if about else ROOMY
    yield settings_for(tmp_path, sandbox.soap_url, database_url=url, times=times)
    template.original.drop(url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app inside an application context, with no tenant entered."""
    made = create_app(settings)
    with made.app_context():
        event.listen(db.engine, "before_cursor_execute", one_tenant.watch)
        yield made
        tenants.leave()
        db.engine.dispose()
    made.extensions["crafter"].bookkeeping.close()


@pytest.fixture
def leap() -> Iterator[Callable[[timedelta], None]]:
    """leap(timedelta): so much time passes at once by the database's clock, which leases and windows go by."""
    moved = clock.DatabaseClock()
    with moved.everywhere():
        yield moved.leap


@pytest.fixture
def cast(template: SimpleNamespace) -> SimpleNamespace:
    """The ids of both tenants: cast.vos (ours) and cast.buur (the neighbour)."""
    return SimpleNamespace(vos=template.vos, buur=template.buur)


@pytest.fixture
def client_as(app: Flask) -> Callable[[str | None], HouseClient]:
    """A client logged in as owner, office, planner, worker, reader, support, neighbour(_<role>) or None."""
    return lambda who: client_for(app, who)


@pytest.fixture
def vos(app: Flask, cast: SimpleNamespace) -> SimpleNamespace:
    """Inside Vos with full rights: `vos.actor`, `vos.deps`, and the ids of `cast.vos`."""
    actor = cast_of.process("vos")
    return SimpleNamespace(actor=actor, deps=app.extensions["crafter"], **vars(cast.vos))
