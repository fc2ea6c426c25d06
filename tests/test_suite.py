"""What the suite itself relies on: marks by folder, a clock that is ahead in every process, a floor that only rises."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tenancy.clock import database_now
from tenancy.database import db
from tests.support import clock
from tests.support.suite import group_of, marks_of

ROOT = Path(__file__).parents[1]
LOWEST_FLOOR = 95  # per cent; raised together with fail_under; never lowered


def test_a_group_is_a_folder() -> None:
    assert group_of("tests/sandbox/test_lists.py::test_x[a/b]") == "sandbox"
    assert group_of("tests/test_suite.py::test_x") == "tests"


@pytest.mark.parametrize(
    ("lies", "asks", "marks"),
    [
        ("tests/browser/test_people.py::test_x", (), {"browser", "slow"}),
        ("tests/torture/test_crowd.py::test_x", (), {"slow"}),
        ("tests/postgres/test_catalog.py::test_x", (), {"postgres"}),
        ("tests/test_migrations.py::test_x", ("postgres_server",), {"postgres"}),
        ("tests/services/test_sync.py::test_x", ("settings",), set()),
    ],
)
def test_marks_come_by_folder_and_by_what_a_test_asks_for(lies: str, asks: tuple[str, ...], marks: set[str]) -> None:
    item: Any = SimpleNamespace(
        nodeid=lies, fixturenames=asks, get_closest_marker=lambda name: None,
        config=SimpleNamespace(getoption=lambda name: "sqlite"),
    )  # fmt: skip
    assert marks_of(item) == marks


def test_every_python_process_can_begin_at_another_moment() -> None:
    ahead = timedelta(days=40)
    said = subprocess.run(
        [sys.executable, "-c", "import time, datetime; print(time.time(), datetime.datetime.now().timestamp())"],
        env={**os.environ, "CLOCK_AHEAD": str(ahead.total_seconds()),
             "PYTHONPATH": str(ROOT / "tests/support/ahead")},
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout.split()  # fmt: skip
    begun_ahead = timedelta(seconds=float(os.environ.get("CLOCK_AHEAD") or 0))
    for moment in said:
        off = datetime.fromtimestamp(float(moment), UTC) - datetime.now(UTC) + begun_ahead - ahead
        assert abs(off) < timedelta(minutes=2)


@pytest.mark.usefixtures("app")
def test_the_databases_clock_can_leap() -> None:
    moved = clock.DatabaseClock()
    with moved.everywhere():
        before = sys.modules[__name__].database_now(db.session())  # type: ignore[attr-defined]
        moved.leap(timedelta(hours=3))
        after = sys.modules[__name__].database_now(db.session())  # type: ignore[attr-defined]
    assert timedelta(hours=3) <= after - before < timedelta(hours=3, minutes=2)
    assert database_now(db.session()) < after


def test_the_floor_of_coverage_only_rises() -> None:
    report = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["coverage"]["report"]
    assert report["fail_under"] >= LOWEST_FLOOR
