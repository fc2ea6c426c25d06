"""What the worker and the portal read in when they start: no library that this installation has no use for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]
# of each some 5 to 8 MB, in every process: drivers of databases and queues that are elsewhere, and what only migrates
UNUSED = ("alembic", "flask_migrate", "psycopg", "redis")


@pytest.mark.parametrize("starts", ["jobs.__main__", "gunicorn.app.wsgiapp"])
def test_a_process_on_sqlite_reads_in_no_other_driver_and_nothing_that_migrates(starts: str, tmp_path: Path) -> None:
    code = f"""
import sys, {starts}
from app import create_app
from gateways.queue import make_queue
from settings import from_environment
app = create_app(from_environment({{"CRAFTER_ENV": "demo", "DATA": {str(tmp_path)!r}}}))
make_queue(app.extensions["crafter"].settings.queue_url)
assert app.test_client().get("/readyz").json["database"] == "not migrated"
print(*sorted(set({UNUSED!r}) & sys.modules.keys()))
"""
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout.strip() == "", "read in for nothing"


def test_a_worker_reads_in_no_pages(tmp_path: Path) -> None:
    """Some 4 MB, of which its own code is most."""
    code = f"""
import sys
from jobs import __main__
from settings import from_environment
make = __main__.create_app
def made(*given, **named):
    app = make(*given, **named)
    print(*(name for name in sys.modules if name.startswith("blueprints.") and not name.startswith("blueprints._")))
    print(*({{"segno", "web.context", "blueprints._areas"}} & sys.modules.keys()))
    print(*(rule.endpoint for rule in app.url_map.iter_rules()))
    raise SystemExit
__main__.create_app = made
__main__.main(from_environment({{"CRAFTER_ENV": "demo", "DATA": {str(tmp_path)!r}}}))
"""
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout.splitlines() == ["", "", "static bootstrap.static"], "read in for nothing"


def test_the_picture_of_a_code_is_read_in_by_who_draws_it(tmp_path: Path) -> None:
    code = f"""
import sys
from app import create_app
from settings import from_environment
create_app(from_environment({{"CRAFTER_ENV": "demo", "DATA": {str(tmp_path)!r}}}))
print("blueprints.account" in sys.modules, "segno" in sys.modules)
"""
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout.split() == ["True", "False"]


def test_migrating_reads_in_what_it_needs(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "upgrade" in runner.invoke(args=["db", "--help"]).output
    assert runner.invoke(args=["db", "current"]).exit_code == 0


def test_a_queue_on_redis_finds_its_driver_in_a_process_of_its_own(tmp_path: Path) -> None:
    code = """
import sys
from gateways.queue import make_queue
print(type(make_queue("redis://127.0.0.1:1/0")).__name__, "redis" in sys.modules, "psycopg" in sys.modules)
"""
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout.split() == ["RedisHuey", "True", "False"]


def test_a_queue_on_redis_finds_its_driver_after_one_on_sqlite_too(tmp_path: Path) -> None:
    code = f"""
from gateways.queue import make_queue
first = make_queue("sqlite:///{tmp_path}/queue.sqlite3")
print(type(make_queue("redis://127.0.0.1:1/0")).__name__, first.pending_count())
"""
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert started.stdout.split() == ["RedisHuey", "0"]
