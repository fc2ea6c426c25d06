"""Two databases of the same tenant, at 5,000 and at 50,000 orders, made once and kept between runs."""

from __future__ import annotations

import fcntl
import hashlib
import pickle
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from services.company import tenants
from tenancy.database import db
from tests.conftest import build_cast, settings_for
from tests.support import large
from tests.support.cast import Place
from tests.support.sandbox_process import Sandbox

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "instance" / "large"
SMALL, LARGE = 5_000, 50_000


@dataclass(frozen=True)
class Grown:
    """An app over a tenant of that size, the ids a URL may name, and one of each out of its history."""

    app: Flask
    place: Place
    filled: large.Filled


def _fingerprint() -> str:
    """Of everything that decides what stands in the files: tables, what fills them, and the week that is planned."""
    sources = [*(ROOT / "migrations").rglob("*.py"), *(ROOT / "models").glob("*.py"), *(ROOT / "domain").glob("*.py")]
    sources += [Path(large.__file__), ROOT / "tests/support/cast.py", ROOT / "tests/conftest.py", Path(__file__)]
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


def _opened(kept: Path, orders: int, folder: Path, sandbox: Sandbox) -> Iterator[Grown]:
    place, filled = pickle.loads((kept / str(orders) / "ids.pickle").read_bytes())
    shutil.copy(kept / str(orders) / "crafter.sqlite3", folder / "crafter.sqlite3")
    app = create_app(settings_for(folder, sandbox.soap_url))
    yield Grown(app, place, filled)
    with app.app_context():
        tenants.leave()
        db.engine.dispose()
    app.extensions["crafter"].bookkeeping.close()


@pytest.fixture
def small(kept: Path, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Grown]:
    """The tenant at 5,000 orders."""
    yield from _opened(kept, SMALL, tmp_path_factory.mktemp("small"), sandbox)


@pytest.fixture
def grown(kept: Path, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Iterator[Grown]:
    """The tenant at 50,000 orders."""
    yield from _opened(kept, LARGE, tmp_path_factory.mktemp("large"), sandbox)
