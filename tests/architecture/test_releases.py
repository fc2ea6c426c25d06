"""Version, CHANGELOG and the releases that migrations are tested from say the same."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

from tests.test_migrations import BY_RELEASE

ROOT = Path(__file__).parents[2]
_HEADING = re.compile(r"## (\d+\.\d+) \((in de maak|\d{4}-\d{2}-\d{2})\) – \S.*")


def headings() -> list[tuple[str, date | None]]:
    """Each version of the CHANGELOG, newest first, with its day; None for the one that is still being made."""
    lines = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    found = [_HEADING.fullmatch(line) for line in lines]
    assert all(found), f"write a heading as: ## 1.2 (2026-11-22) – what it is about; not {lines}"
    return [(match[1], None if match[2] == "in de maak" else date.fromisoformat(match[2])) for match in found if match]


def number(version: str) -> tuple[int, ...]:
    """A version to compare by."""
    return tuple(int(part) for part in version.split("."))


def test_headings_go_down_and_only_the_newest_may_lack_a_day() -> None:
    versions, days = zip(*headings(), strict=True)
    assert list(versions) == sorted(versions, key=number, reverse=True)
    assert None not in days[1:], "what has been released has a day"
    released = [day for day in days if day]
    assert released == sorted(released, reverse=True)


def test_the_version_is_the_newest_of_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == f"{headings()[0][0]}.0"


def test_every_release_is_a_starting_point_and_every_migration_is_in_a_release() -> None:
    released = [version for version, day in reversed(headings()) if day]
    assert list(BY_RELEASE) == released, "a release that is out is a state that databases are in: say what it brought"
    known = [revision for revisions in BY_RELEASE.values() for revision in revisions]
    present = sorted(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert present[: len(known)] == known
    if headings()[0][1] is not None:
        assert present == known, "the newest release is out, so it has these migrations too"
