"""Every command and loopback address of the README and the docs, typed in a clean clone.

Each test is a scene; rows.py says which commands it has to type, and the end of the scene looks whether it did.
"""

from __future__ import annotations

import re
import shutil
import signal
from pathlib import Path

import pytest

from tests.commands import visitor
from tests.commands.house import House, Running
from tests.frontend.node import INSTALLED, install
from tests.support.postgres import APP, OWNER, running_postgres

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
READY = "Stoppen: Ctrl-C"
PORTS = (8000, 8001, 8099, 8100)


def ready(running: Running) -> None:
    """Wait until the portal that was started says where it is."""
    running.wait_until(lambda: READY in running.said())


def test_make_alone(house: House) -> None:
    said = house.well("make")
    assert {"run", "demo-reset", "test", "check", "clean"} <= {line.split()[0] for line in said.splitlines()}


def test_make_run(house: House) -> None:
    running = house.start("make run")
    try:
        ready(running)
        assert "Demo gevuld." in running.said()
        assert "Crafter" in house.open("http://127.0.0.1:8000")
        assert "Bouwbedrijf Van Dam" in house.open("http://127.0.0.1:8099")
        number = house.visit(visitor.__file__, "http://127.0.0.1:8000", "http://127.0.0.1:8099").strip()
        assert re.fullmatch(r"\S+\d+", number), number
        refused = house.type("make demo-reset")
        assert refused.returncode != 0
        assert "in gebruik" in refused.stdout
        running.interrupt()
        running.end()
    finally:
        running.kill()
    assert house.taken(*PORTS) == []
    house.check_nothing_lies_outside("instance")

    again = house.start("make run PORT= SANDBOX_PORT= DATA=", as_a_background_job=True)
    try:
        ready(again)
        assert "Demo vullen" not in again.said(), "a second make run keeps everything"
        assert number in house.open("http://127.0.0.1:8099/installatie/facturen")
        again.interrupt()
        assert "Crafter" in house.open("http://127.0.0.1:8000"), "a background job does not hear Ctrl-C"
        again.terminate()
        again.end()
    finally:
        again.kill()
    assert house.taken(*PORTS) == []
    house.check_nothing_lies_outside("instance")


def test_some_variables(house: House) -> None:
    """Every subset of the three variables of make run, given; what is not given is the default."""
    subsets = [(port, sandbox, data) for data in ("", "elsewhere") for port in (8000, 8001) for sandbox in (8099, 8100)]
    for port, sandbox, data in subsets[1:]:
        given = {"PORT": port, "SANDBOX_PORT": sandbox, "DATA": data}
        usual = {"PORT": 8000, "SANDBOX_PORT": 8099, "DATA": ""}
        command = " ".join(["make run", *(f"{name}={value}" for name, value in given.items() if value != usual[name])])
        running = house.start(command)
        try:
            ready(running)
            assert house.taken(*PORTS) == sorted([port, sandbox]), command
            assert "Crafter" in house.open(f"http://127.0.0.1:{port}")
            assert "Bouwbedrijf Van Dam" in house.open(f"http://127.0.0.1:{sandbox}")
            if (port, sandbox) == (8001, 8100):
                house.visit(visitor.__file__, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox}")
            running.terminate()
            running.end()
        finally:
            running.kill()
        assert house.taken(*PORTS) == []
    house.check_nothing_lies_outside(*(name for name in ("instance", "elsewhere") if (house.place / name).exists()))
    shutil.rmtree(house.place / "elsewhere")


def test_demo_reset(house: House) -> None:
    nothing = house.well("make demo-reset DATA=nothing-yet")
    assert "nog niets" in nothing
    assert not (house.place / "nothing-yet").exists()
    house.well("flask db upgrade", house.in_venv(CRAFTER_ENV="demo"))
    (house.data / "notes.txt").write_text("mine")
    house.well("make demo-reset")
    assert {path.name for path in house.data.iterdir()} == {".crafter-data", ".gitignore", "notes.txt"}
    (house.data / "notes.txt").unlink()
    (house.place / "keys").mkdir()
    for name in ("own.key", "own.log", "secret.key"):
        (house.place / "keys" / name).touch()
    for where in (".", "..", "services", "keys"):
        refused = house.type(f"make demo-reset DATA={where}")
        assert refused.returncode != 0
        assert len([line for line in refused.stdout.splitlines() if not line.startswith("make")]) == 1, refused.stdout
    assert len(list((house.place / "keys").iterdir())) == 3
    house.type("rm -r keys")
    house.check_nothing_lies_outside("instance")


@pytest.mark.timeout(1500)
def test_longer_checks(house: House) -> None:
    assert "nothing wrong" in house.well("make model-check WORLDS=1", seconds=400)
    assert "Every text is translated." in house.well("make words", seconds=60)
    house.git("checkout", "--quiet", "--", "translations")  # it writes where each text stands
    tried = house.well("make mutants PART=domain MUTANTS=20", seconds=400)
    assert re.search(r"^20 of \d+ changes, seed 2026$", tried, re.MULTILINE)
    assert int(re.search(r"^(\d+) of \d+ noticed", tried, re.MULTILINE)[1]) >= 15, tried  # type: ignore[index]
    assert "database cores" in house.well("python -m benchmarks.capacity", house.in_venv(), seconds=240)
    assert "a press: " in house.well("python -m tests.trips", house.in_venv(), seconds=240)
    assert install() == ""  # the linters: fetched once, as the packages are
    shutil.copytree(INSTALLED, house.place / ".venv" / INSTALLED.name, symlinks=True, dirs_exist_ok=True)
    house.well("make fix", seconds=180)
    assert house.git("status", "--porcelain") == "", "there was something to mend"
    house.well("make hooks", seconds=60)
    assert "make check" in (house.place / ".pre-commit-config.yaml").read_text()
    assert "pre-commit" in (house.place / ".git" / "hooks" / "pre-commit").read_text()
    measured = house.well("make benchmark SIZE=1000", seconds=240)
    assert "Gecontroleerd (press)" in measured
    assert "broke off" not in measured
    assert "benchmark.svg, flames-list.svg, flames-press.svg" in measured
    compared = house.well("python -m benchmarks.list_page --rounds 1", house.in_venv(), seconds=400)
    assert re.search(r"^list +\d+\.\d%", compared, re.MULTILINE)
    read = house.well("python -m benchmarks.sync --size 3000", house.in_venv(), seconds=400)
    assert re.search(r"^ours, again +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +\d+ +0$", read, re.MULTILINE)
    assert "8 presses answered" in house.well("python -m benchmarks.hanging", house.in_venv(), seconds=400)
    pressed = house.well("python -m benchmarks.press --rounds 1 --presses 5", house.in_venv(), seconds=400)
    assert re.search(r"^press beside a bare transition, p95 +\d", pressed, re.MULTILINE)
    assert re.search(r"^lost +0$", house.well("make torture FAULTS=20", seconds=400), re.MULTILINE)
    assert re.search(r"^doubled +0$", house.well("make cluster ORDERS=60", seconds=400), re.MULTILINE)
    assert re.search(r"^  and were not +0$", house.well("make failover ORDERS=60", seconds=400), re.MULTILINE)
    house.check_nothing_lies_outside(*(["instance"] if house.data.exists() else []))


def test_play_bookkeeping(house: House, tmp_path: Path) -> None:
    whole = f"--state {tmp_path}/whole.sqlite3 --port 8099 --latency-ms 0 --session-minutes 30"
    for options in (whole, f"--state {tmp_path}/books.sqlite3"):
        sandbox = house.start(f"python -m sandbox {options}", house.in_venv())
        try:
            sandbox.wait_until(lambda: "ready on http://127.0.0.1:8099" in sandbox.said())  # noqa: B023
            reference = tmp_path / "reference.wsdl"
            reference.write_text(house.open("http://127.0.0.1:8099/soap.asmx?wsdl"))
            codes = {"EBOEKHOUDEN_CODE1": "0123456789abcdef0123456789abcdef",
                     "EBOEKHOUDEN_CODE2": "0F0E0D0C-1111-4222-8333-444455556666"}  # fmt: skip
            check = "flask --app app e-boekhouden check --endpoint http://127.0.0.1:8099/soap.asmx --username demo"
            assert "CRAFTER_ENV is None" in house.type(check, house.in_venv(**codes)).stdout, (
                "nothing starts without its mode"
            )
            house.well(check, house.in_venv(CRAFTER_ENV="trial", **codes))
            sandbox.terminate()
            assert sandbox.end() == 0
        finally:
            sandbox.kill()
    house.well(f"make check-wsdl REFERENCE={reference}")
    other = tmp_path / "other.wsdl"
    other.write_text(reference.read_text().replace("AddFactuur", "AddRekening"))
    assert house.type(f"make check-wsdl REFERENCE={other}").returncode != 0
    house.well("make check-wsdl")
    assert "calls arrived" in house.well("make check-clients")
    house.check_nothing_lies_outside(*(["instance"] if house.data.exists() else []))


def test_production(house: House, tmp_path: Path) -> None:
    make_one = "python3 -c 'import secrets; print(secrets.token_hex(32))'"
    secret, key = (house.well(make_one).strip() for _ in range(2))
    assert re.fullmatch("[0-9a-f]{64}", secret)
    with running_postgres() as server:
        name = server.new()
        as_owner, as_app = (server.url(name, role) for role in (OWNER, APP))
        settings = {
            "CRAFTER_ENV": "production", "SECRET_KEY": secret, "CREDENTIALS_KEY": f"v1:{key}",
            "EBOEKHOUDEN_URL": "https://soap.e-boekhouden.nl/soap.asmx", "BASE_URL": "https://crafter.example",
            "TRUSTED_HOSTS": "crafter.example", "MAIL_URL": "smtp://127.0.0.1:25",
            "MAIL_FROM": "Crafter <post@crafter.example>", "DATA": str(tmp_path / "data"),
            "QUEUE_URL": f"sqlite:///{tmp_path}/queue.sqlite3",
        }  # fmt: skip
        owner, app = (house.in_venv(**settings, DATABASE_URL=url) for url in (as_owner, as_app))
        neither = house.in_venv(**settings)
        assert "production needs DATABASE_URL" in house.type("flask --app app db upgrade", neither).stdout
        house.well("flask --app app db upgrade", owner)
        house.well(f"DATABASE_URL='{as_owner}' flask --app app db upgrade", neither)
        for grant in ("flask --app app database grant", "flask database grant"):
            assert f"TO {APP}" in house.well(f"{grant} --role {APP}", owner).replace('"', "")
        house.well(f"DATABASE_URL='{as_owner}' flask --app app database grant --role {APP}", neither)
        link = house.well("flask --app app tenant create jansen --owner baas@jansen.example", app).split()[-1]
        assert re.fullmatch(r"https://crafter\.example/\w+/\S{30,}", link)
        assert "https://crafter.example/" in house.well("flask --app app support create nina@crafter.example", app)
        refused = house.type("flask --app app support reset-factor nina@crafter.example", app)
        assert "heeft een tweede stap" in refused.stdout
        assert "beëindigd" in house.well("flask --app app support end nina@crafter.example", app)
        assert "v1: 0 geheimen (verzegelt)" in house.well("flask --app app keys status", app)
        house.well("flask --app app keys rotate", app)
        house.well("flask keys rotate", app)
        assert "jansen:" in house.well("flask audit verify", app)
        assert "jansen:" in house.well("flask audit verify --tenant jansen", app)
        assert "heeft Citus niet" in house.type("flask --app app database distribute", owner).stdout
        fresh = server.new()
        house.well("flask --app app db upgrade", house.in_venv(**settings, DATABASE_URL=server.url(fresh, OWNER)))
        file = {"DATABASE_URL": f"sqlite:///{tmp_path}/crafter.sqlite3"}
        refused = house.type("flask --app app db upgrade", house.in_venv(**settings | file)).stdout
        assert "DATABASE_URL must read postgresql+psycopg://" in refused
        assert "owns no tables" in house.type("python -m jobs", owner).stdout
        on_a_file = house.in_venv(
            CRAFTER_ENV="trial", SECRET_KEY=secret, CREDENTIALS_KEY=f"v1:{key}", DATA=str(tmp_path / "data"), **file
        )
        house.well("flask --app app db upgrade", on_a_file)
        house.well("flask --app app tenant create jansen --owner baas@jansen.example", on_a_file)
        backup = house.well("flask backup", on_a_file).partition(".zip")[0].split()[-1]
        assert "alles klopt" in house.well(f"flask restore {backup}.zip --replace", on_a_file)
        moved = house.well(f"flask --app app database move --to '{server.url(fresh, OWNER)}'", on_a_file)
        assert "controlegetallen zijn gelijk" in moved
        portal = house.start("gunicorn 'app:create_app()'", app)
        try:
            portal.wait_until(lambda: house.taken(8000) == [8000])
            path = link.removeprefix("https://crafter.example")
            assert "baas@jansen.example" in house.open(f"http://127.0.0.1:8000{path}", host="crafter.example")
            portal.terminate()
            assert portal.end() == 0
        finally:
            portal.kill()
        worker = house.start("python -m jobs", app)
        try:
            worker.wait_until(lambda: '"round": "every_minute"' in worker.said() and worker.catches(signal.SIGTERM))
            worker.terminate()
            assert worker.end() == 0
        finally:
            worker.kill()
    assert house.taken(*PORTS) == []
