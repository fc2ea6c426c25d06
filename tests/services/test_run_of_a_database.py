"""Which run of the database it is: it lasts as long as nobody can have put anything back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine

from tenancy import run
from tenancy.database import db

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from sqlalchemy import create_engine
from tenancy import run
engine = create_engine("sqlite:///" + sys.argv[1])
run.join(engine)
with engine.connect() as connection:
    print(run.name(connection), flush=True)
sys.stdin.read()
"""


@contextmanager
def opened(file: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A program that has this SQLite file open: the name of its run, and the program."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(file)], cwd=ROOT, text=True, **pipes) as program:
        assert program.stdout is not None
        assert program.stdin is not None
        yield program.stdout.readline().strip(), program
        program.stdin.close()


def test_a_run_of_a_file_lasts_as_long_as_anybody_has_it_open(tmp_path: Path) -> None:
    file = tmp_path / "some.sqlite3"
    with opened(file) as (first, one):
        assert first
        with opened(file) as (second, _other):
            assert second == first
            one.kill()
            one.wait()
            with opened(file) as (third, _one_more):
                assert third == first, "the other one is still there"
    with opened(file) as (later, _alone):
        assert later not in {"", first}


def test_those_who_come_together_are_of_one_run(tmp_path: Path) -> None:
    file = tmp_path / "some.sqlite3"
    with opened(file) as (one, _a), opened(file) as (two, _b), opened(file) as (three, _c):
        assert one == two == three != ""


def test_where_no_lock_can_be_had_no_run_is_anybody_elses(tmp_path: Path) -> None:
    (tmp_path / "some.sqlite3-here").mkdir()
    names = set()
    for _process in range(2):
        engine = create_engine(f"sqlite:///{tmp_path}/some.sqlite3")
        run.join(engine)
        with engine.connect() as connection:
            names.add(run.name(connection))
    assert len(names - {""}) == 2


def test_a_file_that_nobody_joined_has_no_name(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert connection.dialect.name != "sqlite" or run.name(connection) == ""
