"""The drill of a backup on a real PostgreSQL: by the role that sees every row, put back by the owner."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.pool import NullPool

from app import create_app
from models import Heartbeat
from models.due import COMPARE, SEAL
from services.company import tenants
from services.trail import seals
from settings import Settings
from tenancy import postgres_copy
from tenancy.database import Base, db
from tests.conftest import settings_for
from tests.support.cast import make_order, process
from tests.support.postgres import APP, OWNER, PostgresServer
from tests.support.sandbox_process import Sandbox

_SEES_ALL = "backup_role"  # roles are the server's, which other tests share


@pytest.fixture
def installation(
    template_on_postgres: SimpleNamespace, postgres_server: PostgresServer, tmp_path: Path, sandbox: Sandbox
) -> Iterator[Settings]:
    """Settings over the cast on PostgreSQL, with a role for backups."""
    url = template_on_postgres.original.copy(tmp_path)
    with postgres_server.pouring(url.rpartition("/")[2].partition("?")[0]) as connection:
        if not connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": _SEES_ALL}):
            connection.execute(text(f"CREATE ROLE {_SEES_ALL} LOGIN BYPASSRLS"))
            connection.execute(text(f"GRANT pg_read_all_data TO {_SEES_ALL}"))
    yield settings_for(
        tmp_path, sandbox.soap_url, database_url=url, pg_programs=str(postgres_server.programs),
        backup_database_url=url.replace(f"//{APP}:", f"//{_SEES_ALL}:"),
    )  # fmt: skip
    template_on_postgres.original.drop(url)


@contextmanager
def _app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    with made.app_context():
        try:
            yield made
        finally:
            tenants.leave()
            db.session.remove()
            db.engine.dispose()
    made.extensions["crafter"].bookkeeping.close()


def _run(settings: Settings, *words: str) -> Any:
    with _app(settings) as app:
        return app.test_cli_runner().invoke(args=list(words))


def _everything(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Every row, seen by the role that sees all."""
    engine = create_engine(settings.backup_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table is not Heartbeat.__table__
        }
    marked = list(Base.metadata.tables["tenant"].columns.keys()).index("look_back_since")
    found["tenant"] = [row[:marked] + row[marked + 1 :] for row in found["tenant"]]
    # a restore has the worker hold both books against each other, and stands in the trail, to be sealed
    found["due_work"] = [row for row in found["due_work"] if not {COMPARE, SEAL} & set(row)]
    return found


def test_the_drill(installation: Settings, template_on_postgres: SimpleNamespace) -> None:
    as_owner = replace(installation, database_url=installation.database_url.replace(f"//{APP}:", f"//{OWNER}:"))
    with _app(installation) as app:
        for tenant_id, _slug in seals.all_tenants():
            seals.seal(app.extensions["crafter"].settings.audit_keys, tenant_id, timedelta(0))
    before = _everything(installation)
    assert len(before["work_order"]) > 1
    made = _run(installation, "backup")
    assert made.exit_code == 0, made.output
    kept = next(installation.backups_in.glob("*.zip"))
    with _app(installation):
        make_order(process("vos"), template_on_postgres.vos.relation_id)
    assert _everything(installation) != before

    as_app = _run(installation, "restore", str(kept), "--replace")
    assert (as_app.exit_code, "rol die migreert" in as_app.output) == (1, True), as_app.output
    refused = _run(as_owner, "restore", str(kept))
    assert (refused.exit_code, "--replace" in refused.output) == (1, True), refused.output
    with create_engine(installation.database_url, poolclass=NullPool).connect() as somebody:
        somebody.execute(text("SELECT 1"))
        held = _run(as_owner, "restore", str(kept), "--replace")
    assert (held.exit_code, "Stop portaal en worker" in held.output) == (1, True), held.output

    done = _run(as_owner, "restore", str(kept), "--replace")
    assert done.exit_code == 0, done.output
    assert "flask database grant" in done.output
    assert _run(as_owner, "database", "grant", "--role", APP).exit_code == 0
    now = _everything(installation)
    told = [row for row in now["audit_entry"] if "command.run" in row]
    assert len(told) == len(now["tenant"]), "each company reads that it was put back"
    assert {**now, "audit_entry": [row for row in now["audit_entry"] if row not in told]} == before
    with _app(installation) as app:
        verdicts = seals.verify(app.extensions["crafter"].settings.audit_keys)
        assert [one.slug for one in verdicts if one.broken] == []
        marks = db.session.execute(text("SELECT look_back_since FROM tenant")).scalars().all()
        assert all(marks), "every company looks back before it sends"
        make_order(process("vos"), template_on_postgres.vos.relation_id)


def _tables_aside(installation: Settings) -> list[str]:
    engine = create_engine(installation.backup_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        return inspect(connection).get_table_names(postgres_copy.ASIDE)


def test_what_goes_wrong_halfway_leaves_what_stood_there(
    installation: Settings, template_on_postgres: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dump that does not go in, rows that are not what was put in, and a command that is killed."""
    as_owner = replace(installation, database_url=installation.database_url.replace(f"//{APP}:", f"//{OWNER}:"))
    assert _run(installation, "backup").exit_code == 0
    kept = next(installation.backups_in.glob("*.zip"))
    with _app(installation):
        make_order(process("vos"), template_on_postgres.vos.relation_id)
    before = _everything(installation)
    with zipfile.ZipFile(kept) as inside:
        told, dump = json.loads(inside.read("manifest.json")), inside.read("database.dump")

    def packed(content: bytes, **changes: Any) -> str:
        path = installation.data / f"other-{len(content)}.zip"
        told_now = {**told, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **changes}
        with zipfile.ZipFile(path, "w") as other:
            other.writestr("manifest.json", json.dumps(told_now))
            other.writestr("database.dump", content)
        return str(path)

    for path, said in (
        (packed(dump[: len(dump) // 2]), "pg_restore is mislukt"),
        (packed(dump, rows={**told["rows"], "tenant": 3}), "niet volledig: tenant"),
    ):
        refused = _run(as_owner, "restore", path, "--replace")
        assert (refused.exit_code, said in refused.output, "niets veranderd" in refused.output) == (1, True, True), (
            refused.output
        )
        assert _everything(installation) == before
        assert _tables_aside(installation) == []
    with _app(installation):
        make_order(process("vos"), template_on_postgres.vos.relation_id)  # rights are there as they were

    before = _everything(installation)
    with monkeypatch.context() as patched:
        patched.setattr(postgres_copy, "_conclude", lambda _url, _whole: None)  # as when it is killed before that
        _run(as_owner, "restore", packed(dump[: len(dump) // 2]), "--replace")
    assert "tenant" in _tables_aside(installation)
    refused = _run(as_owner, "restore", str(kept))
    assert (refused.exit_code, "--replace" in refused.output) == (1, True), "what waits aside is no empty database"
    _run(as_owner, "restore", packed(dump[: len(dump) // 2]), "--replace")
    assert _everything(installation) == before

    with monkeypatch.context() as patched:
        patched.setattr(postgres_copy, "_conclude", lambda _url, _whole: None)
        assert _run(as_owner, "restore", str(kept), "--replace").exit_code == 0
    kept.unlink()
    made = _run(installation, "backup")  # before `flask database grant`: its role may read no company
    assert (made.exit_code, "niet in elk logboek" in made.output) == (0, True), made.output
    (kept,) = installation.backups_in.glob("*.zip")
    done = _run(as_owner, "restore", str(kept), "--replace")
    assert done.exit_code == 0, "what waits aside is in no backup" + done.output
    assert _tables_aside(installation) == []


@pytest.mark.parametrize("role", [APP, OWNER])
def test_a_role_that_the_walls_hold_for_is_refused_and_told(installation: Settings, role: str) -> None:
    """Its copy would be empty where it matters, or fail halfway."""
    url = installation.database_url.replace(f"//{APP}:", f"//{role}:")
    refused = _run(replace(installation, backup_database_url=url), "backup")
    assert (refused.exit_code, "BYPASSRLS" in refused.output, role in refused.output) == (1, True, True)
    assert list(installation.backups_in.iterdir()) == []


def test_without_pg_dump_it_says_so(installation: Settings, tmp_path: Path) -> None:
    refused = _run(replace(installation, pg_programs=str(tmp_path)), "backup")
    assert (refused.exit_code, "geen pg_dump" in refused.output) == (1, True), refused.output
