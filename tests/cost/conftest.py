"""Two databases of the same tenant, at 5,000 and at 50,000 orders, made once and kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from services.company import tenants
from tenancy.database import db
from tests.conftest import build_cast, settings_for
from tests.support import large, large_books
from tests.support.cast import Place
from tests.support.postgres import OWNER, PostgresServer
from tests.support.sandbox_process import Sandbox

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "instance" / "large"
SMALL, LARGE = 5_000, 50_000


@dataclass(frozen=True)
class Grown:
    """An app over a tenant of that size, the ids a URL may name, one of each out of its history, and the database's
    URL for who may change its tables."""

    app: Flask
    place: Place
    filled: large.Filled
    as_owner: str


def _fingerprint() -> str:
    """Of everything that decides what stands in the files: tables, what fills them, and the week that is planned."""
    sources = [*(ROOT / "migrations").rglob("*.py"), *(ROOT / "models").glob("*.py"), *(ROOT / "domain").glob("*.py")]
    sources += [
        Path(large.__file__),
        Path(large_books.__file__),
        ROOT / "tenancy/statistics.py",
        ROOT / "tests/support/cast.py",
        ROOT / "tests/conftest.py",
        Path(__file__),
    ]
    found = hashlib.sha256("-".join(map(str, datetime.now(UTC).isocalendar()[:2])).encode())
    for path in sorted(sources):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def _made(folder: Path, sandbox: Sandbox) -> None:
    for orders in (SMALL, LARGE):
        place_of = folder / str(orders)
        place_of.mkdir()
        settings = settings_for(place_of, sandbox.soap_url)
        app = create_app(settings)
        with app.app_context():
            upgrade()
        cast = build_cast(settings, sandbox)
        with app.app_context():
            with db.engine.begin() as connection:
                filled = large.fill(connection, cast.vos.tenant_id, cast.vos.worker_id, large.Size(orders))
            db.engine.dispose()
        with closing(sqlite3.connect(place_of / "crafter.sqlite3")) as file:
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (place_of / "ids.pickle").write_bytes(pickle.dumps((cast.vos, filled)))


@pytest.fixture(scope="session")
def kept(sandbox_process: Sandbox) -> Path:
    """The folder with both files. Several processes wait for the one that makes them; what an older state of the code
    made is thrown away."""
    KEPT.mkdir(parents=True, exist_ok=True)
    wanted = KEPT / _fingerprint()
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in KEPT.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            making = KEPT / "making"
            making.mkdir()
            _made(making, sandbox_process)
            making.rename(wanted)
    return wanted


@contextmanager
def _app_on(
    url: str, as_owner: str, place: Place, filled: large.Filled, folder: Path, sandbox: Sandbox
) -> Iterator[Grown]:
    app = create_app(settings_for(folder, sandbox.soap_url, database_url=url))
    yield Grown(app, place, filled, as_owner)
    with app.app_context():
        tenants.leave()
        db.engine.dispose()
    app.extensions["crafter"].bookkeeping.close()


@contextmanager
def _on_sqlite(kept: Path, orders: int, tmp_path: Path, sandbox: Sandbox) -> Iterator[Grown]:
    folder = tmp_path / str(orders)
    folder.mkdir()
    shutil.copy(kept / str(orders) / "crafter.sqlite3", folder)
    place, filled = pickle.loads((kept / str(orders) / "ids.pickle").read_bytes())
    url = f"sqlite:///{folder / 'crafter.sqlite3'}"
    with _app_on(url, url, place, filled, folder, sandbox) as found:
        yield found


@pytest.fixture
def pair(kept: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[tuple[Grown, Grown]]:
    """The tenant at 5,000 and at 50,000 orders, on SQLite."""
    with _on_sqlite(kept, SMALL, tmp_path, sandbox) as small, _on_sqlite(kept, LARGE, tmp_path, sandbox) as grown:
        yield small, grown


@pytest.fixture
def grown(kept: Path, tmp_path: Path, sandbox: Sandbox) -> Iterator[Grown]:
    """The tenant at 50,000 orders, on SQLite."""
    with _on_sqlite(kept, LARGE, tmp_path, sandbox) as found:
        yield found


@pytest.fixture(scope="session")
def poured(
    postgres_server: PostgresServer, template_on_postgres: SimpleNamespace
) -> dict[int, tuple[str, large.Filled]]:
    """Both on PostgreSQL: by size the database's name, and its ids. Made once a process, in half a minute."""
    found, vos = {}, template_on_postgres.vos
    for orders in (SMALL, LARGE):
        name = template_on_postgres.original.another()
        with postgres_server.pouring(name) as connection:
            found[orders] = name, large.fill(connection, vos.tenant_id, vos.worker_id, large.Size(orders))
    return found


@pytest.fixture
def pair_on_postgres(
    poured: dict[int, tuple[str, large.Filled]], postgres_server: PostgresServer, template_on_postgres: SimpleNamespace,
    tmp_path: Path, sandbox: Sandbox,
) -> Iterator[tuple[Grown, Grown]]:  # fmt: skip
    """The tenant at 5,000 and at 50,000 orders, on PostgreSQL."""
    with ExitStack() as both:
        found = []
        for name, filled in poured.values():
            copy = postgres_server.new(name)
            both.callback(postgres_server.drop, copy)
            urls = postgres_server.url(copy), postgres_server.url(copy, OWNER)
            found.append(both.enter_context(_app_on(*urls, template_on_postgres.vos, filled, tmp_path, sandbox)))
        yield found[0], found[1]
