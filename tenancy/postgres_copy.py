"""A copy of a PostgreSQL database with pg_dump, and putting one back with pg_restore.

Row-level security hides the rows of tenants from every role that it holds for, the owner of the tables too. So a copy
is made by a role with BYPASSRLS (BACKUP_DATABASE_URL); putting back needs the owner, for walls are built after the
rows.
"""

from __future__ import annotations

import os
import shutil
import subprocess  # nosec B404 - PostgreSQL's own programs, with fixed words
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Select, create_engine, func, inspect, make_url, select, table, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from domain.message import Refusal, msg
from tenancy.migrated import revision
from tenancy.row_security import passes_the_wall, tell
from tenancy.sqlite_copy import NOT_COPIED

# where the tables that stood there wait until the ones of the dump are whole
ASIDE = "crafter_before_restore"
_WALLED = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relrowsecurity"
)
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND usesysid IS NOT NULL"  # what more there is to see of somebody else's, only a superuser sees
)


def copy(url: str, target: Path, programs: str) -> tuple[str, dict[str, int]]:
    """Dump a database as it is at one moment; the revision of its tables and the rows of each, at that moment.

    `programs` is the folder with pg_dump, "" for the PATH. Raises Refusal: the role sees not every row, there is no
    pg_dump, or it failed.
    """
    program = _program("pg_dump", programs)
    with _connected(url) as connection:
        if not passes_the_wall(connection):
            role = connection.scalar(text("SELECT current_user"))
            raise Refusal(
                msg(
                    "De rol %(role)s ziet door de row-level security niet alle rijen, dus haar back-up zou leeg zijn. "
                    "Geef met BACKUP_DATABASE_URL een rol met BYPASSRLS die alles mag lezen (docs/backup.md).",
                    role=role,
                )
            )
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        found = revision(connection) or ""
        rows = _rows(connection)
        _run(
            program, url, "--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges",
            f"--exclude-table-data=public.{NOT_COPIED}", f"--exclude-schema={ASIDE}", f"--file={target}",
        )  # fmt: skip
    return found, rows | ({NOT_COPIED: 0} if NOT_COPIED in rows else {})


def holds_nothing(url: str) -> bool:
    """Whether nobody is in the database. Raises Refusal when others work in it, or this role may not make tables."""
    with _connected(url) as connection:
        if others := connection.scalar(text(_OTHERS)):
            raise Refusal(
                msg("Er zijn nog %(n)s verbindingen met deze database. Stop portaal en worker eerst.", n=others)
            )
        if not connection.scalar(text("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")):
            raise Refusal(
                msg("Terugzetten doet de eigenaar van de tabellen: geef DATABASE_URL met de rol die migreert.")
            )
        if _is_aside(connection):
            return False
        inhabited = {"tenant", "person"} & set(inspect(connection).get_table_names())
        return not any(connection.scalar(_counting(name)) for name in inhabited)


def put_back(url: str, dump: Path, programs: str, compare: Callable[[Mapping[str, int]], None]) -> None:
    """Restore a dump in place of the tables that stand there. Those wait aside until `compare`, which is given the
    rows of each table, has raised nothing; what fails puts them back. Raises Refusal."""
    program = _program("pg_restore", programs)
    with _changing(url) as connection:
        _set_aside(connection)
    whole = False
    try:
        _run(program, url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(dump))
        with _connected(url) as connection:
            compare(_rows(connection))
        whole = True
    except Refusal as refusal:
        raise Refusal(
            msg("Terugzetten is niet gelukt; er is niets veranderd. %(why)s", why=refusal.message)
        ) from refusal
    finally:
        _conclude(url, whole)


def _conclude(url: str, whole: bool) -> None:
    try:
        with _changing(url) as connection:
            if not whole:
                _bring_back(connection)
            connection.execute(text(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE"))
    except Refusal as refusal:
        raise Refusal(
            msg(
                "De tabellen die er stonden, staan nog in het schema %(schema)s. Geef de opdracht opnieuw. %(why)s",
                why=refusal.message, schema=ASIDE,
            )
        ) from refusal  # fmt: skip


def _set_aside(connection: Connection) -> None:
    """What stands there makes room. Nothing there: what was set aside by a command that was killed stays so."""
    names = _quoted(connection)
    if names:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {ASIDE}"))
    for name in names:
        connection.execute(text(f"ALTER TABLE {name} SET SCHEMA {ASIDE}"))


def _bring_back(connection: Connection) -> None:
    if names := _quoted(connection):
        connection.execute(text(f"DROP TABLE {', '.join(names)} CASCADE"))
    for name in _quoted(connection, ASIDE):
        connection.execute(text(f"ALTER TABLE {ASIDE}.{name} SET SCHEMA public"))


def _is_aside(connection: Connection) -> bool:
    return inspect(connection).has_schema(ASIDE)


def _quoted(connection: Connection, schema: str | None = None) -> list[str]:
    """The names of the tables, as they are written in a statement."""
    names = inspect(connection).get_table_names(schema)
    return [connection.dialect.identifier_preparer.quote(name) for name in names]


def _rows(connection: Connection) -> dict[str, int]:
    """How many rows each table has; a role that the walls hold for asks tenant by tenant."""
    walled = set() if passes_the_wall(connection) else set(connection.scalars(text(_WALLED)))
    names = sorted(inspect(connection).get_table_names())
    tenants = list(connection.scalars(text("SELECT id FROM tenant"))) if walled else []
    counted: dict[str, int] = {}
    for name in names:
        asked = _counting(name)
        if name not in walled:
            counted[name] = connection.scalar(asked) or 0
            continue
        counted[name] = 0
        for tenant in tenants:
            tell(connection, tenant)
            counted[name] += connection.scalar(asked) or 0
    return counted


def _counting(name: str) -> Select[int]:
    return select(func.count()).select_from(table(name))


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Refusal(msg("De database gaf een fout: %(why)s", why=why)) from error


@contextmanager
def _changing(url: str) -> Iterator[Connection]:
    """A connection whose statements are carried out all, or none."""
    with _connected(url) as connection, connection.begin():
        yield connection


def _program(name: str, folder: str) -> str:
    found = shutil.which(name, path=folder or None)
    if found is None:
        where = folder or "PATH"
        raise Refusal(
            msg("Er is geen %(name)s te vinden (gezocht in %(where)s). Geef PG_PROGRAMS.", name=name, where=where)
        )
    return found


def _run(program: str, url: str, *words: str) -> None:
    place: URL = make_url(url)
    environment = {**os.environ, "PGPASSWORD": place.password} if place.password else dict(os.environ)
    # never the password as a word: those stand in the process list
    address = URL.create(
        "postgresql", place.username, None, place.host, place.port, place.database, place.query
    ).render_as_string()
    ended = subprocess.run(  # noqa: S603  # nosec B603 - its own words, and no shell
        [program, "--dbname", address, "--no-password", *words], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if ended.returncode:
        said = (ended.stderr.strip().splitlines() or ["?"])[-1]
        raise Refusal(msg("%(program)s is mislukt: %(why)s", program=Path(program).name, why=said))
