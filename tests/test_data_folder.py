"""Defaults in one place, and a folder with data that is ours: nothing outside it is written, nothing else removed."""

from __future__ import annotations

import re
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import data_folder
import defaults
from data_folder import WrongFolder
from defaults import WrongVariable
from run import place_from
from settings import from_environment

ROOT = data_folder.PROGRAM
DEMO = {"CRAFTER_ENV": "demo"}
PLACED = ("crafter.sqlite3", "crafter.sqlite3-wal", "crafter.sqlite3-here", "queue.sqlite3", "sandbox.sqlite3",
          "sandbox.sqlite3.id", "secret.key", "credentials.key", "portal.log", "sandbox.log", "worker.log")  # fmt: skip


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that stands elsewhere, with a room and a file."""
    place = tmp_path / "program"
    for path in ("app.py", "services/posting.py", "docs/security.md", ".git/HEAD", "someone/else/notes.txt"):
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).touch()
    monkeypatch.setattr(data_folder, "PROGRAM", place)
    return place


@pytest.mark.parametrize("empty", [{}, {"PORT": "", "SANDBOX_PORT": "", "DATA": ""}, {"PORT": " ", "DATA": "  "}])
def test_a_missing_or_an_empty_variable_is_the_default(empty: dict[str, str]) -> None:
    place = place_from(empty)
    assert (place.port, place.sandbox_port, place.data) == (8000, 8099, ROOT / "instance")


def test_every_setting_that_is_empty_is_its_default(program: Path) -> None:
    given = ("DATA", "PORT", "SANDBOX_PORT", "BASE_URL", "EBOEKHOUDEN_URL", "SANDBOX_URL", "HTMX_SOURCE",
             "DATABASE_URL", "QUEUE_URL", "SECRET_KEY", "CREDENTIALS_KEY", "MAIL_URL", "MAIL_FROM", "TRUSTED_HOSTS",
             "PROXY_HOPS", "METRICS_TOKEN", "SEARCH_CALLS", "SEARCH_PAUSE", "AUDIT_KEY")  # fmt: skip
    assert from_environment(DEMO | dict.fromkeys(given, "")) == from_environment(DEMO)


def test_the_same_numbers_stand_wherever_they_are_written() -> None:
    makefile, readme = (ROOT / "Makefile").read_text(), (ROOT / "README.md").read_text()
    said = f"(PORT={defaults.PORT} SANDBOX_PORT={defaults.SANDBOX_PORT} DATA={defaults.DATA})"
    assert said in makefile
    assert "\nexport " not in makefile, "make passes on what is given; an export makes the rest empty"
    assert f"http://127.0.0.1:{defaults.PORT})" in readme
    assert f"http://127.0.0.1:{defaults.SANDBOX_PORT})" in readme
    sandbox = (ROOT / "sandbox" / "__main__.py").read_text()
    assert re.findall(r'"--port", type=int, default=(\d+)', sandbox) == [str(defaults.SANDBOX_PORT)]
    assert f"{defaults.DATA}/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80.5", "８０８０"])
def test_what_is_no_port_is_said_in_one_line(text: str) -> None:
    with pytest.raises(WrongVariable, match="is geen poort") as refused:
        place_from({"PORT": text})
    assert "\n" not in str(refused.value)


def test_two_servers_do_not_share_a_port() -> None:
    with pytest.raises(WrongVariable, match="allebei 8099"):
        place_from({"PORT": "8099"})


@pytest.mark.parametrize("where", [".", "..", "services", "services/new", "docs", ".git", "../copy"])
def test_a_folder_that_holds_the_program_is_refused(program: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    (program.parent / "copy").mkdir()
    (program.parent / "copy" / "app.py").touch()
    monkeypatch.chdir(program)
    before = sorted(program.parent.rglob("*"))
    with pytest.raises(WrongFolder, match="het programma zelf") as refused:
        from_environment({**DEMO, "DATA": where})
    assert "\n" not in str(refused.value)
    assert sorted(program.parent.rglob("*")) == before


def test_the_default_lies_beside_the_program_and_a_named_one_where_it_is_named(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert from_environment(DEMO).data == program / "instance"
    assert from_environment({**DEMO, "DATA": "mine"}).data == tmp_path / "mine"
    monkeypatch.chdir(program)
    assert from_environment({**DEMO, "DATA": "elsewhere"}).data == program / "elsewhere"
    for mine in ("instance", "elsewhere"):
        (program / mine / "notes.md").touch()
    assert from_environment({**DEMO, "DATA": "instance/second"}).data == program / "instance" / "second"
    assert from_environment({**DEMO, "DATA": "elsewhere/second"}).data == program / "elsewhere" / "second"


def test_git_ignores_all_data_wherever_it_lies(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(tmp_path), *words], capture_output=True, text=True, check=True).stdout

    git("init", "--quiet")
    folder = tmp_path / "elsewhere"
    data_folder.prepare(folder)
    (tmp_path / "beside").mkdir()
    (folder / "metrics").mkdir()
    (folder / "metrics" / "counter_1.db").touch()
    for name in PLACED:
        (folder / name).touch()
        (tmp_path / "beside" / name).touch()
    assert "elsewhere" not in git("status", "--porcelain", "--untracked-files=all")
    shutil.copy(ROOT / ".gitignore", tmp_path)
    git("add", ".gitignore")
    assert git("status", "--porcelain", "--untracked-files=all") == "A  .gitignore\n", "nor keys put there by hand"


def test_an_emptied_folder_keeps_what_is_not_ours_and_stays_ours(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    data_folder.prepare_for_us_alone(folder).close()
    mine = ("notes.txt", "my.key", "other.log", "crafter.sqlite3.bak")
    for name in (*PLACED, *mine):
        (folder / name).touch()
    (folder / "metrics").mkdir()
    assert data_folder.empty(folder)
    assert names(folder) == {*mine, ".crafter-data", ".gitignore"}
    assert data_folder.empty(folder)


def test_nothing_is_removed_where_we_made_nothing(tmp_path: Path) -> None:
    assert not data_folder.empty(tmp_path / "not there")
    for name in PLACED:
        (tmp_path / name).touch()
    with pytest.raises(WrongFolder, match="niet door Crafter gemaakt"):
        data_folder.empty(tmp_path)
    assert names(tmp_path) == set(PLACED)


def test_what_somebody_else_has_lying_there_is_not_joined(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").touch()
    with pytest.raises(WrongFolder, match=r"thesis\.odt"):
        data_folder.prepare_for_us_alone(tmp_path)
    assert names(tmp_path) == {"thesis.odt"}
    data_folder.prepare(tmp_path)  # as the portal does, and every command
    assert names(tmp_path) == {"thesis.odt"}, "and never called ours"


def test_the_default_folder_is_ours_whatever_else_lies_in_it(program: Path) -> None:
    folder = program / "instance"
    folder.mkdir()
    (folder / "notes.md").touch()
    assert data_folder.find({"DATA": str(folder / "second")}) == folder / "second"
    data_folder.prepare_for_us_alone(folder).close()
    assert data_folder.empty(folder)
    assert names(folder) == {"notes.md", ".crafter-data", ".gitignore"}


def test_data_of_before_the_mark_gets_it(tmp_path: Path) -> None:
    (tmp_path / "crafter.sqlite3").touch()
    data_folder.prepare_for_us_alone(tmp_path).close()
    assert data_folder.empty(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for wrong in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WrongFolder, match="is geen map"):
            data_folder.prepare_for_us_alone(wrong)


def test_one_portal_at_a_time_and_no_reset_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with data_folder.prepare_for_us_alone(folder):
        (folder / "secret.key").touch()
        for attempt in (data_folder.prepare_for_us_alone, data_folder.empty):
            with pytest.raises(WrongFolder, match="in gebruik"):
                attempt(folder)
    assert (folder / "secret.key").exists()
    assert data_folder.empty(folder)


@pytest.mark.parametrize("name", ["crafter.sqlite3", "queue.sqlite3", "sandbox.sqlite3"])
def test_a_process_that_was_started_by_hand_is_seen_by_the_database_it_has_open(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "data"
    data_folder.prepare(folder)
    with closing(sqlite3.connect(folder / name)) as opened:
        opened.execute("PRAGMA journal_mode = WAL")
        opened.execute("CREATE TABLE t (a)")
        opened.commit()
        with pytest.raises(WrongFolder, match="in gebruik"):
            data_folder.empty(folder)
        assert (folder / name).exists()
    assert data_folder.empty(folder)
    assert not (folder / name).exists()


def test_what_lies_in_the_folder_is_for_no_other_user(tmp_path: Path) -> None:
    """What was made by a looser hand too; what is somebody else's is left as it is."""
    ours = tmp_path / "ours"
    for folder in (ours / "metrics", ours / "backups" / "coming"):
        folder.mkdir(parents=True)
    for name in (*PLACED, "metrics/one.db", "backups/one.zip", "backups/coming/half.zip"):
        (ours / name).touch(0o644)
    data_folder.prepare(ours)
    assert {path.stat().st_mode & 0o777 for path in (ours, *ours.rglob("*")) if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in ours.rglob("*") if path.is_file()} <= {0o600}
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    (theirs / "notes.txt").touch(0o644)
    data_folder.prepare(theirs)
    assert [path.stat().st_mode & 0o777 for path in (theirs, theirs / "notes.txt")] == [0o755, 0o644]


def test_production_makes_the_folder_when_its_queue_comes_there(tmp_path: Path) -> None:
    """And leaves no mark: make demo-reset empties it for nobody."""
    given = {
        "CRAFTER_ENV": "production", "DATABASE_URL": "postgresql+psycopg://app@db.example/crafter",
        "SECRET_KEY": secrets.token_hex(32), "CREDENTIALS_KEY": f"v1:{secrets.token_hex(32)}",
        "EBOEKHOUDEN_URL": "https://soap.e-boekhouden.nl/soap.asmx", "BASE_URL": "https://crafter.example",
        "TRUSTED_HOSTS": "crafter.example", "MAIL_URL": "smtp://mail.example:587", "DATA": str(tmp_path / "data"),
        "MAIL_FROM": "post@crafter.example",
    }  # fmt: skip
    from_environment(given | {"QUEUE_URL": "redis://queue.example"})
    assert names(tmp_path) == set()
    from_environment(given)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert names(tmp_path / "data") == set()
