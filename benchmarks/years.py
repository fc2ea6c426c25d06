"""A company with a history of years among two hundred, on either database: made once, and kept where that is asked.

It borrows the cast and what fills it from the tests: what is measured is what `tests/cost` counts.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import pickle
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from flask_migrate import upgrade
from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.pool import NullPool

from app import create_app
from domain.permissions import OWNER as BOSS
from services.company import tenants
from tenancy.database import db
from tests.conftest import build_cast, settings_for
from tests.cost.conftest import Grown
from tests.support import large, large_books
from tests.support.cast import Place, cookie_for
from tests.support.client import HTMX, HouseClient, client_for
from tests.support.postgres import OWNER, PostgresServer, connection_string, migrate, running_postgres
from tests.support.sandbox_process import Sandbox, running_sandbox

COMPANIES = 200
ROOT = Path(__file__).parents[1]
_FAST = ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -500000")


@dataclass(frozen=True)
class Database:
    """Its address as its owner, who migrates, and as the app; the server that it is on, None for a file."""

    owner: str
    url: str
    server: PostgresServer | None = None

    @contextlib.contextmanager
    def pouring(self) -> Iterator[Connection]:
        """A connection that rows are filled in by, which leaves references and the disk alone."""
        if self.server is not None:
            with self.server.pouring(make_url(self.url).database or "") as connection:
                yield connection
            return
        engine = create_engine(self.url, poolclass=NullPool)
        event.listen(engine, "connect", lambda it, _record: [it.execute(f"PRAGMA {one}") for one in _FAST])
        with engine.begin() as connection:
            yield connection


class Installation:
    """One that is filled: what its pages are asked about (`grown`), by its owner's browser."""

    def __init__(self, grown: Grown, client: HouseClient, there: psycopg.Connection | None) -> None:
        self.grown, self._client, self._there = grown, client, there

    def log_in(self) -> None:
        """As its owner, who just typed the password."""
        with self.grown.app.app_context():
            token = cookie_for("owner@vos.example", self.grown.app.config["SECRET_KEY"]).token
        self._client.set_cookie("crafter_session", token)

    def took(self, address: str, htmx: bool) -> tuple[float, int, bytes]:
        """Milliseconds of processor, of the portal and its database, the status and the answer."""
        with self.grown.app.app_context():
            before, began = self._elsewhere(), time.thread_time_ns()
            answer = self._client.get(address, headers=HTMX if htmx else {})
            body = answer.get_data()
            spent = time.thread_time_ns() - began
            return (spent + self._elsewhere() - before) / 1e6, answer.status_code, body

    def _elsewhere(self) -> int:
        """What the database's processes have spent; a file has none."""
        if self._there is None:
            return 0
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        pids = [row[0] for row in self._there.execute(asked)]
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)


@contextlib.contextmanager
def installations(
    kind: str, folder: Path, sizes: list[large.Size], told: Callable[[str], None]
) -> Iterator[list[Installation]]:
    """One of each size, in a folder; what stands there complete, and was made by the same code, is used again."""
    place = folder / f"{kind}-{_fingerprint()}"
    place.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as until_the_end:
        server = until_the_end.enter_context(running_postgres(kept=place)) if kind == "postgres" else None
        found = []
        for size in sizes:
            its = place / str(size.orders)
            ids, database = its / "ids.pickle", _database(server, its)
            if new := not ids.exists():
                shutil.rmtree(its, ignore_errors=True)
                its.mkdir()
            sandbox = until_the_end.enter_context(running_sandbox(its))
            if new:
                began = time.monotonic()
                filled = _filled(database, its, sandbox, size)
                ids.write_bytes(pickle.dumps(filled))
                told(f"filled: {size} in {time.monotonic() - began:.0f} s")
            found.append(until_the_end.enter_context(_opened(database, its, sandbox, *pickle.loads(ids.read_bytes()))))
        gc.collect()
        gc.freeze()  # as before the portal's processes part: what was made before is not looked through again
        yield found


def _fingerprint() -> str:
    """Of what decides how the tables look and what is filled into them."""
    sources = [*sorted((ROOT / "migrations").rglob("*.py")), Path(large.__file__), Path(large_books.__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]


def _database(server: PostgresServer | None, folder: Path) -> Database:
    if server is None:
        return Database(*(f"sqlite:///{folder / 'crafter.sqlite3'}",) * 2)
    name = f"years_{folder.name}"
    return Database(server.url(name, OWNER), server.url(name), server)


def _filled(database: Database, folder: Path, sandbox: Sandbox, size: large.Size) -> tuple[Place, large.Filled]:
    """Migrate, put the cast in, with so much at one of its companies, and the other companies beside it."""
    settings = settings_for(folder, sandbox.soap_url, database_url=database.url)
    if database.server is None:
        with create_app(settings).app_context():
            upgrade()
            db.engine.dispose()
    else:
        database.server.make(make_url(database.url).database or "")
        migrate(replace(settings, database_url=database.owner))
    cast = build_cast(settings, sandbox)
    gc.disable()  # millions of rows, none of which is thrown away meanwhile
    with database.pouring() as connection:
        filled = large.fill(connection, cast.vos.tenant_id, cast.vos.worker_id, size)
    gc.enable()
    with create_app(settings).app_context():
        for n in range(COMPANIES - 2):
            tenants.leave()
            tenants.create(f"bedrijf-{n}", f"Bedrijf {n}", f"baas{n}@bedrijf.example")
        tenants.leave()
        db.engine.dispose()
    return cast.vos, filled


@contextlib.contextmanager
def _opened(
    database: Database, folder: Path, sandbox: Sandbox, place: Place, filled: large.Filled
) -> Iterator[Installation]:
    app = create_app(settings_for(folder, sandbox.soap_url, database_url=database.url))
    with contextlib.ExitStack() as until_the_end, app.app_context():
        there = None
        if database.server is not None:
            there = psycopg.connect(connection_string(database.owner), autocommit=True)
            until_the_end.enter_context(there)
            name = make_url(database.url).database
            # processes that help for one statement would be gone before anybody asks what they spent
            there.execute(f'ALTER DATABASE "{name}" SET max_parallel_workers_per_gather = 0')
        client = client_for(app, BOSS)
        yield Installation(Grown(app, place, filled, database.owner), client, there)
        tenants.leave()
        db.session.remove()
        db.engine.dispose()
        app.extensions["crafter"].bookkeeping.close()
