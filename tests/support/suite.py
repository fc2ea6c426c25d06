"""What pytest does for the suite as a whole: marks by folder, minutes per group, a random order when asked.

Hooks, imported by tests/conftest.py. A group is a folder of tests/.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest

BY_FOLDER = {
    "browser": ("browser", "slow"),
    "cluster": ("slow",),
    "commands": ("slow",),
    "cost": ("slow",),
    "postgres": ("postgres",),
    "stateful": ("slow",),
    "torture": ("slow",),
}
NEEDS_POSTGRES = {"postgres_server", "template_on_postgres"}


def group_of(nodeid: str) -> str:
    """The folder of a test, or "tests" for what lies in none."""
    parts = nodeid.split("::")[0].split("/")
    return parts[1] if len(parts) > 2 else "tests"


def marks_of(item: pytest.Item) -> set[str]:
    """The marks a test has by where it lies and what it asks for."""
    found = set(BY_FOLDER.get(group_of(item.nodeid), ()))
    grouped = item.get_closest_marker("xdist_group")
    if NEEDS_POSTGRES & set(getattr(item, "fixturenames", ())) or (grouped and "postgres" in grouped.args):
        found.add("postgres")
    if item.config.getoption("--database") == "postgres" and "settings" in getattr(item, "fixturenames", ()):
        found.add("postgres")
    return found


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the marks; with ORDER=<seed> shuffle the files, and the tests in each. Every process collects the same
    order, so the seed is given from outside."""
    for item in items:
        for name in sorted(marks_of(item)):
            item.add_marker(name)
    if seed := os.environ.get("ORDER"):
        dice = random.Random(seed)
        by_file: dict[Path, list[pytest.Item]] = defaultdict(list)
        for item in items:
            by_file[item.path].append(item)
        files = list(by_file.values())
        dice.shuffle(files)
        for tests in files:
            dice.shuffle(tests)
        items[:] = [item for tests in files for item in tests]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many cases of a kind passed (tests say so with record_property("counted", "what they are")), and the minutes
    per group: the time its tests took, added up over the processes that ran them. These are kept as well in the file
    that MINUTES names, for the sum of several runs (python -m tests.minutes)."""
    if hasattr(terminalreporter.config, "workerinput"):
        return  # one of xdist's processes; the one in charge says it for all
    passed = [report for report in terminalreporter.stats.get("passed", []) if report.when == "call"]
    counted = Counter(what for report in passed for name, what in report.user_properties if name == "counted")
    for what, number in sorted(counted.items()):
        terminalreporter.write_line(f"{number} {what}")
    seconds: dict[str, float] = defaultdict(float)
    tests: dict[str, int] = defaultdict(int)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[group_of(report.nodeid)] += report.duration
                tests[group_of(report.nodeid)] += report.when == "call"
    database = terminalreporter.config.getoption("--database")
    rows = [(group, tests[group], round(seconds[group], 1), database) for group in sorted(seconds)]
    for line in table(rows):
        terminalreporter.write_line(line)
    if kept := os.environ.get("MINUTES"):
        with Path(kept).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def table(rows: list[tuple[str, int, float, str]]) -> list[str]:
    """The lines of the minutes per group."""
    lines = []
    for group, tests, seconds, database in sorted(rows, key=lambda row: -row[2]):
        on = " on PostgreSQL" if database == "postgres" and group != "postgres" else ""
        lines.append(f"{seconds / 60:6.1f} min  {tests:5} tests  {group}{on}")
    return lines
