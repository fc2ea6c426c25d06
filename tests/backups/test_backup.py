"""A backup of a running installation on SQLite: whole, checked, without keys; and the drill of putting it back."""

from __future__ import annotations

import errno
import io
import json
import shutil
import sqlite3
import threading
import zipfile
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

import data_folder
from domain.message import Refusal
from models import Heartbeat, Tenant
from models.due import SEAL
from services import heartbeat
from services.backups import archive, making, restoring
from services.company import tenants
from services.invoicing import press
from services.trail import seals
from services.transaction import write_transaction
from settings import Settings
from tenancy import sqlite_copy
from tenancy.database import Base, db
from tests.support.cast import make_order, process


@pytest.fixture
def settings(template_file: SimpleNamespace, settings: Settings, tmp_path: Path) -> Settings:
    """Over a file, whatever database the others are about; the PostgreSQL drill is in tests/postgres."""
    return replace(settings, database_url=template_file.original.copy(tmp_path))


@pytest.fixture
def cast(template_file: SimpleNamespace) -> SimpleNamespace:
    """The ids that are in that file."""
    return SimpleNamespace(vos=template_file.vos, buur=template_file.buur)


def _everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, signs of life apart, and that the trail has something new to seal."""
    with db.engine.connect() as connection:
        found = {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table is not Heartbeat.__table__
        }
    return {**found, "due_work": [row for row in found["due_work"] if SEAL not in row]}


def _fill(app: Flask, cast: SimpleNamespace) -> None:
    deps = app.extensions["crafter"]
    actor = process("vos")
    press.approve(deps, actor, cast.vos.order_id)
    for tenant_id, _slug in seals.all_tenants():
        seals.seal(deps.settings.audit_keys, tenant_id, timedelta(0))
    tenants.leave()
    db.session.remove()


def _run(app: Flask, *words: str) -> Any:
    tenants.leave()
    db.session.remove()
    return app.test_cli_runner().invoke(args=list(words))


def test_the_drill_what_was_put_back_is_what_was_there(app: Flask, cast: SimpleNamespace) -> None:
    _fill(app, cast)
    heartbeat.beat(heartbeat.WORKER, cast.vos.order_id)
    with write_transaction() as session:  # settle what the first sign of life asked
        session.execute(Tenant.__table__.update().values(look_back_since=None, row_version=1))
    before = _everything()
    made = _run(app, "backup")
    assert made.exit_code == 0, made.output
    kept = next((app.extensions["crafter"].settings.data / "backups").glob("*.zip"))

    make_order(process("vos"), cast.vos.relation_id)
    tenants.leave()
    with write_transaction() as session:
        session.execute(Tenant.__table__.update().values(name="Iemand anders"))
    assert _everything() != before

    refused = _run(app, "restore", str(kept))
    assert (refused.exit_code, "--replace" in refused.output) == (1, True)
    done = _run(app, "restore", str(kept), "--replace")
    assert done.exit_code == 0, done.output
    marked = db.session.scalars(select(Tenant.look_back_since)).all()
    assert all(marked), "every company looks back before it sends"
    assert "twee minuten" in done.output, "what was on its way can arrive after a look"
    with write_transaction() as session:
        session.execute(Tenant.__table__.update().values(look_back_since=None, row_version=1))
    now = _everything()
    told = [row for row in now["audit_entry"] if "command.run" in row]
    assert len(told) == len(now["tenant"]), "each company reads that it was put back"
    assert {**now, "audit_entry": [row for row in now["audit_entry"] if row not in told]} == before
    verdicts = seals.verify(app.extensions["crafter"].settings.audit_keys)
    assert [one.slug for one in verdicts if one.broken] == []
    assert sum(one.seals for one in verdicts) > 0
    aside = list(kept.parents[1].glob("crafter.sqlite3.before-restore-*"))
    assert len(aside) == 1, "what stood there is kept"
    with closing(sqlite3.connect(aside[0])) as former:
        assert former.execute("SELECT DISTINCT name FROM tenant").fetchall() == [("Iemand anders",)]


def test_a_copy_holds_no_sign_of_life_so_whoever_starts_looks_back(app: Flask, cast: SimpleNamespace) -> None:
    """Also when a restore is killed between its last steps."""
    heartbeat.beat(heartbeat.WORKER, cast.vos.order_id)
    assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 1
    db.session.remove()
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    assert made.manifest.rows["heartbeat"] == 0
    db.engine.dispose()
    restoring.restore(settings, made.path, replace=True)
    assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 0


def test_everything_committed_before_it_began_is_in_it_while_others_write(app: Flask, tmp_path: Path) -> None:
    settings = app.extensions["crafter"].settings
    source = settings.data / "crafter.sqlite3"
    over, enough, written = threading.Event(), threading.Event(), [0]

    def write() -> None:
        with closing(sqlite3.connect(source, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("CREATE TABLE counted (number INTEGER, filling BLOB)")
            while not over.is_set():
                connection.execute("INSERT INTO counted VALUES (?, zeroblob(4000))", (written[0] + 1,))
                written[0] += 1
                if written[0] >= 200:
                    enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert enough.wait(60)
        plain = tmp_path / "plain.sqlite3"
        shutil.copy(source, plain)
        began_at, steps = written[0], []
        sqlite_copy.copy(source, tmp_path / "copy.sqlite3", lambda done, total: steps.append((done, total)))
        ended_at = written[0]
    finally:
        over.set()
        writer.join()
    _revision, rows = sqlite_copy.look_into(tmp_path / "copy.sqlite3")
    assert began_at <= rows["counted"] <= ended_at
    assert steps[-1][0] == steps[-1][1] > 0
    with closing(sqlite3.connect(plain)) as lagging:
        tables = {row[0] for row in lagging.execute("SELECT name FROM sqlite_master")}
    assert "counted" not in tables, "the file alone lags: this is what a copy of it would have lost"


def test_no_key_is_in_the_archive_and_all_are_named(app: Flask, cast: SimpleNamespace) -> None:
    settings = replace(
        app.extensions["crafter"].settings, credentials_keys={"v7": b"\x17sleutel van de geheimen van nu\x00\x01"[:32]}
    )
    for name in ("secret.key", "credentials.key"):
        (settings.data / name).write_bytes(f"inhoud van {name}".encode())
    made = making.make(settings)
    with zipfile.ZipFile(made.path) as inside:
        assert inside.namelist() == ["manifest.json", "database.sqlite3"]
        told = json.loads(inside.read("manifest.json"))
        content = b"".join(inside.read(name) for name in inside.namelist())
    secrets = [settings.secret_key.encode(), *settings.credentials_keys.values(), *settings.audit_keys.values()]
    for secret in [*secrets, b"inhoud van secret.key", b"inhoud van credentials.key"]:
        assert secret not in content
        assert secret.hex().encode() not in content
    assert told["keys"]["CREDENTIALS_KEY"] == ["v7"]
    for named in ("SECRET_KEY", "CREDENTIALS_KEY", str(settings.data / "secret.key")):
        assert named in told["not_in_here"]
    assert not any("queue" in named for named in told["not_in_here"]), "nobody needs to keep that (docs/backup.md)"
    assert (told["revision"], told["rows"]["tenant"]) == ("".join(_revision()), 2)
    assert made.path.stat().st_mode & 0o077 == 0


def _revision() -> list[str]:
    with db.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars())


def no_stream(whole: bytes) -> bytes:
    """A backup whose copy begins as no compressed text can."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        inside = archive.getinfo("database.sqlite3")
    at = inside.header_offset + 30
    at += sum(int.from_bytes(whole[at - by : at - by + 2], "little") for by in (4, 2))  # its name, and more
    return whole[:at] + b"\xff" + whole[at + 1 :]


def other_byte(whole: bytes) -> bytes:
    """A backup with another byte in its middle: one that says something else, for about one in a thousand does not, as
    compressed text has more than one way to say the same."""
    for at in range(len(whole) // 2, len(whole)):
        other = whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]
        try:
            with zipfile.ZipFile(io.BytesIO(other)) as archive:
                archive.read("database.sqlite3")
        except (zipfile.BadZipFile, zlib.error):
            return other
    raise AssertionError("nothing in it matters")


def test_a_damaged_archive_changes_nothing(app: Flask, tmp_path: Path) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    db.session.remove()
    before = _everything()
    whole = made.path.read_bytes()
    with zipfile.ZipFile(made.path) as inside:
        told, content = json.loads(inside.read("manifest.json")), inside.read("database.sqlite3")

    def packed(**changes: Any) -> Path:
        path = tmp_path / "other.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as other:
            other.writestr(
                "manifest.json", json.dumps({**told, **{k: v for k, v in changes.items() if k != "content"}})
            )
            other.writestr("database.sqlite3", changes.get("content", content))
        return path

    def bytes_of(data: bytes) -> Path:
        path = tmp_path / "bytes.zip"
        path.write_bytes(data)
        return path

    middle = len(whole) // 2
    for make_it, said in (
        (lambda: bytes_of(b"no zip at all"), "geen back-up"),
        (lambda: bytes_of(whole[:middle]), "geen back-up"),
        (lambda: bytes_of(other_byte(whole)), "beschadigd"),
        (lambda: bytes_of(no_stream(whole)), "beschadigd"),
        (lambda: packed(content=content[:-1]), "beschadigd"),
        (lambda: packed(content=content + b"x" * 100), "beschadigd"),
        (lambda: packed(rows={**told["rows"], "tenant": 3}), "niet volledig: tenant"),
        (lambda: packed(revision="9999"), "niet kent"),
        (lambda: packed(version=2), "nieuwere Crafter"),
        (lambda: packed(database="oracle"), "geen back-up"),
    ):
        refused = _run(app, "restore", str(make_it()), "--replace")
        assert (refused.exit_code, said in refused.output) == (1, True), refused.output
        assert _everything() == before
    assert list(settings.data.glob("*.partial")) == []


def test_nobody_is_put_back_under(app: Flask) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    with closing(sqlite3.connect(settings.data / "crafter.sqlite3")) as somebody:
        somebody.execute("SELECT * FROM tenant").fetchone()
        refused = _run(app, "restore", str(made.path), "--replace")
    assert (refused.exit_code, "Stop ze eerst" in refused.output) == (1, True)


def test_a_damaged_database_makes_room_and_is_kept(app: Flask) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    before = _everything()
    db.engine.dispose()
    database = settings.data / "crafter.sqlite3"
    for damaged in (b"no database at all" * 500, database.read_bytes()[:20_000]):
        database.write_bytes(damaged)
        refused = _run(app, "restore", str(made.path))
        assert (refused.exit_code, "--replace" in refused.output) == (1, True), refused.output
        assert restoring.restore(settings, made.path, replace=True).aside is not None
        assert _everything() == before
        db.engine.dispose()
        (aside,) = settings.data.glob("*.before-restore-*")
        assert aside.read_bytes()[-5_000:] == damaged[-5_000:]
        aside.unlink()


def test_emptying_a_demo_takes_what_was_put_aside_and_the_backups_along(app: Flask) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    db.engine.dispose()
    assert restoring.restore(settings, made.path, replace=True).aside is not None
    (settings.data / data_folder.MARK).touch()
    assert data_folder.empty(settings.data)
    assert [path.name for path in settings.data.iterdir() if "sqlite" in path.name or path.is_dir()] == []


def test_a_journal_of_another_database_is_not_played_onto_the_copy(app: Flask) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    db.engine.dispose()
    database = settings.data / "crafter.sqlite3"
    database.unlink()
    left = [database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal")]
    for path in left:
        path.write_bytes(b"of before")
    restoring.restore(settings, made.path)
    assert [path for path in left if path.exists()] == []


def test_where_no_database_is_nothing_is_made(app: Flask, tmp_path: Path) -> None:
    missing = tmp_path / "missing.sqlite3"
    settings = replace(app.extensions["crafter"].settings, database_url=f"sqlite:///{missing}")
    with pytest.raises(Refusal, match="niet gelukt"):
        making.make(settings)
    assert (missing.exists(), archive.all_of(settings.backups_in)) == (False, [])


def test_what_is_half_done_and_stays_says_nothing_of_what_was_done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """That nothing was changed would be untrue after the copy took its place."""
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    db.engine.dispose()

    def busy(_folder: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "rmdir", busy)
    assert restoring.restore(settings, made.path, replace=True).aside is not None


def test_a_full_disk_is_called_full_and_leaves_the_former_ones(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(settings)
    kept = made.path.read_bytes()
    made.path.rename(made.path.with_name("crafter-hand-20200101T000000Z.zip"))

    def full(*_given: Any, **_more: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for what, name in ((zipfile.ZipFile, "write"), (archive.os, "fsync")):
        with monkeypatch.context() as patched:
            patched.setattr(what, name, full)
            refused = _run(app, "backup")
        assert (refused.exit_code, "is vol" in refused.output, "vorige" in refused.output) == (1, True, True)
        assert [path.read_bytes() for path in settings.backups_in.iterdir()] == [kept], "no half one under any name"


def test_a_database_without_tables_is_not_backed_up_as_if_it_held_something(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite3").touch()
    settings = replace(app.extensions["crafter"].settings, database_url=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(Refusal, match="geen tabellen"):
        making.make(settings)
    assert list(settings.backups_in.glob("*.zip")) == []


def test_an_older_schema_is_brought_up_to_date(app: Flask, cast: SimpleNamespace) -> None:
    """An archive of before the newest migrations: restored, migrated, marked."""
    from flask_migrate import downgrade

    settings = app.extensions["crafter"].settings
    newest = _revision()
    db.session.remove()
    downgrade(revision="0011")
    db.engine.dispose()
    made = making.make(settings)
    assert made.manifest.revision == "0011"
    done = _run(app, "restore", str(made.path), "--replace")
    assert done.exit_code == 0, done.output
    assert _revision() == newest
    assert all(db.session.scalars(select(Tenant.look_back_since)).all())


def test_a_key_of_then_that_is_not_here_is_named(app: Flask) -> None:
    settings = app.extensions["crafter"].settings
    made = making.make(replace(settings, credentials_keys={"v0": b"0" * 32, **settings.credentials_keys}))
    done = _run(app, "restore", str(made.path), "--replace")
    assert "LET OP: de sleutel CREDENTIALS_KEY v0" in done.output
