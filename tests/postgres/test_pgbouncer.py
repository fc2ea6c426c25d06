"""Behind a PgBouncer in transaction mode tenants stay apart: each transaction names its own, on whatever connection."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import make_url, select

from app import create_app
from models import Relation
from services.company import tenants
from services.invoicing import press
from settings import Settings
from tenancy.database import db
from tenancy.row_security import tell
from tests.cluster.house import free_port
from tests.support.cast import process
from tests.support.postgres import APP
from tests.support.waiting import until

_RECIPE = """
[databases]
* = host={host}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
ignore_startup_parameters = extra_float_digits
"""


@pytest.fixture
def pooled(settings: Settings) -> Iterator[str]:
    """This test's database behind a PgBouncer that has one connection to it for everybody."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.fail("pgbouncer is missing: apt-get install pgbouncer")
    there = make_url(settings.database_url)
    host = str(there.query["host"])
    with tempfile.TemporaryDirectory(prefix="crafter-pooler-") as folder:
        port = free_port()
        Path(folder, "users").write_text(f'"{APP}" ""\n')
        Path(folder, "recipe").write_text(_RECIPE.format(host=host, port=port, folder=folder))
        Path(folder).chmod(0o755)  # another user reads it, and nothing in it is secret
        owner = {} if os.geteuid() else {"user": Path(host).owner()}  # it does not run as root
        command = [program, "-q", str(Path(folder, "recipe"))]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL, **owner)  # type: ignore[call-overload]
        url = f"postgresql://{APP}@127.0.0.1:{port}/{there.database}"
        try:
            until(lambda: _answers(url))
            yield url
        finally:
            running.kill()
            running.wait(10)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def test_what_one_transaction_names_the_next_one_does_not_know(pooled: str, cast: SimpleNamespace) -> None:
    with psycopg.connect(pooled) as one, psycopg.connect(pooled) as other:
        one.execute(f"SET LOCAL app.tenant_id = '{cast.vos.tenant_id}'")
        backend = one.execute("SELECT pg_backend_pid(), (SELECT count(*) FROM relation) > 0").fetchone()
        one.commit()
        there = other.execute("SELECT pg_backend_pid(), (SELECT count(*) FROM relation) > 0").fetchone()
        other.commit()
        assert backend is not None
        assert there is not None
        assert backend[0] == there[0], "it is the same connection to the database"
        assert (backend[1], there[1]) == (True, False)
        # what the test is able to see: a setting of the session would be the neighbour's
        one.execute(f"SET app.tenant_id = '{cast.vos.tenant_id}'")
        one.commit()
        assert other.execute("SELECT count(*) > 0 FROM relation").fetchone() == (True,)


def test_the_portal_works_behind_it_and_two_tenants_at_once_see_their_own(
    settings: Settings, pooled: str, cast: SimpleNamespace
) -> None:
    url = pooled.replace("postgresql://", "postgresql+psycopg://")
    app = create_app(replace(settings, database_url=url, database_pooler="transaction"))
    seen: dict[str, set[int]] = {"vos": set(), "buur": set()}
    failed: list[str] = []

    def look(slug: str) -> None:
        with app.app_context():
            try:
                for _ in range(20):
                    actor = process(slug)
                    seen[slug] |= {row.tenant_id for row in db.session.scalars(select(Relation))}
                    assert seen[slug] == {actor.tenant_id}
                    db.session.rollback()
            except Exception as error:
                failed.append(repr(error))
            finally:
                tenants.leave()

    threads = [threading.Thread(target=look, args=(slug,)) for slug in ("vos", "buur") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert seen == {"vos": {cast.vos.tenant_id}, "buur": {cast.buur.tenant_id}}
    with app.app_context():
        assert press.approve(app.extensions["crafter"], process("vos"), cast.vos.order_id).state == "posted"
        tenants.leave()
        db.engine.dispose()
    app.extensions["crafter"].bookkeeping.close()


def test_nothing_is_prepared_that_the_next_connection_would_not_know(
    settings: Settings, pooled: str, cast: SimpleNamespace
) -> None:
    url = pooled.replace("postgresql://", "postgresql+psycopg://")
    app = create_app(replace(settings, database_url=url, database_pooler="transaction"))
    with app.app_context(), db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other) * 8:
            with connection.begin():
                tell(connection, cast.vos.tenant_id)
                assert connection.execute(select(Relation.id).limit(1)).all()
    with app.app_context():
        db.engine.dispose()
