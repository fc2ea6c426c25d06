"""What can be in the way of a first `make run`, and the one line that says what, why and what now."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.commands.house import House
from tests.commands.network import holder, network
from tests.commands.test_commands import PORTS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def one_line(house: House, command: str, environment: dict[str, str]) -> str:
    """Type a command that has to fail; the only line that it says besides make's own and what it is about to do."""
    done = house.type(command, environment)
    assert done.returncode != 0, done.stdout
    lines = [line for line in done.stdout.splitlines() if not line.startswith("make: ") and not line.endswith(" ...")]
    assert len(lines) == 1, done.stdout
    return lines[0]


def instead_of(house: House, name: str, script: str) -> dict[str, str]:
    """The environment with a program of this name in front of all others."""
    folder = house.folder / "in-front"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    usual = house.environment()
    return usual | {"PATH": f"{folder}{os.pathsep}{usual['PATH']}"}


def test_too_old_a_python_is_said_in_one_line(bare: House) -> None:
    environment = instead_of(bare, "python3", 'case "$1" in -c) exit 1;; *) echo "Python 3.9.2";; esac')
    line = one_line(bare, "make run", environment)
    assert line.startswith("Python 3.11 of nieuwer is nodig; python3 is Python 3.9.2.")
    assert "make run PYTHON=" in line
    assert not (bare.place / ".venv").exists()


def test_no_python_at_all_is_said_in_one_line(bare: House) -> None:
    assert "Python 3.11 of nieuwer is nodig" in one_line(bare, "make run PYTHON=no-such-python", bare.environment())


def test_without_python3_venv_one_line_says_so_and_no_half_an_environment_stays(bare: House) -> None:
    half = 'echo "ensurepip is not available."; mkdir -p .venv/bin; touch .venv/bin/python; exit 1'
    real = shutil.which("python3", path=bare.environment()["PATH"])
    environment = instead_of(bare, "python3", f'case "$1 $2" in "-m venv") {half};; *) exec {real} "$@";; esac')
    assert "apt-get install python3-venv" in one_line(bare, "make run", environment)
    assert not (bare.place / ".venv").exists()
    assert "apt-get install python3-venv" in one_line(bare, "make run", environment), "the second time, too"


def test_without_a_network_one_line_says_so_and_the_next_try_goes_on(bare: House) -> None:
    usual = bare.environment()
    alone = {key: value for key, value in usual.items() if key not in {"PIP_NO_INDEX", "PIP_FIND_LINKS"}}
    if not bare.network.apart:
        alone["PIP_INDEX_URL"] = "http://127.0.0.1:9/simple"
    line = one_line(bare, "make demo-reset", alone)
    assert line.startswith("Pakketten ophalen lukte niet")
    assert "netwerk" in line
    assert "nog niets" in bare.well("make demo-reset", usual, seconds=300)


def test_packages_that_do_not_fit_are_said_in_one_line(bare: House) -> None:
    (bare.folder / "empty").mkdir()
    line = one_line(bare, "make demo-reset", bare.environment(PIP_FIND_LINKS=str(bare.folder / "empty")))
    assert line.startswith("Pakketten installeren lukte niet: ERROR")


@pytest.mark.parametrize(("port", "variable"), [(8000, "PORT"), (8099, "SANDBOX_PORT")])
def test_a_port_that_is_taken_is_said_in_one_line(clone: House, port: int, variable: str) -> None:
    somebody = clone.start(f"python3 -m http.server --bind 127.0.0.1 {port}")
    try:
        somebody.wait_until(lambda: clone.taken(port) == [port])
        line = one_line(clone, "make run", clone.environment())
        assert line.startswith(f"Poort {port} is al in gebruik.")
        assert line.endswith(f"make run {variable}={port + 1}")
    finally:
        somebody.kill()
    assert clone.taken(*PORTS) == []


def test_lock_says_that_it_needs_uv(bare: House) -> None:
    folder = bare.folder / "only"
    folder.mkdir()
    for program in ("make", "sh", "nsenter"):
        (folder / program).symlink_to(shutil.which(program) or "")
    assert "heeft uv nodig" in one_line(bare, "make lock", bare.environment(PATH=str(folder)))
    assert bare.git("status", "--porcelain") == ""


def test_a_demo_filled_by_hand_leaves_the_books_of_another_copy_alone(clone: House, tmp_path: Path) -> None:
    other = clone.start(f"python -m sandbox --state {tmp_path}/sandbox.sqlite3", clone.in_venv())
    try:
        other.wait_until(lambda: "ready" in other.said())
        mine = clone.in_venv(CRAFTER_ENV="demo", DATA="by-hand")
        clone.well("flask --app app db upgrade", mine)
        assert "Er is niets gevuld" in one_line(clone, "flask --app app demo fill", mine)
        assert json.loads(clone.open("http://127.0.0.1:8099/control/installatie/calls")) == []
    finally:
        other.kill()
    shutil.rmtree(clone.place / "by-hand")


def test_ports_that_are_held_where_no_network_can_be_made_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.commands.network._keeper", lambda making: None)
    with network((1,)) as found:
        assert not found.apart
    monkeypatch.setattr("tests.commands.network.holder", lambda port: f"process 7 (holder of {port})")
    with pytest.raises(RuntimeError, match=r"port 8000: process 7 \(holder of 8000\)"), network((8000,)):
        pass


def test_who_listens_on_a_port_is_found() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert holder(listening.getsockname()[1]).startswith(f"process {os.getpid()} (")
    assert holder(1) == ""


def test_a_user_who_is_not_root_has_a_network_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with network(()) as found:
        assert found.apart is ("--user" in found.enter)
