"""CONTRIBUTING.md is followed: its screen is made in a copy of the tree, which must still be in order and show it; and
every file and command the page names is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text()
# a numbered heading that names a new file, and the fenced block below it
STEP = re.compile(r"^### \d+\. [^\n]*?`([\w/.]+)` \(new\)\n\n```\w+\n(.*?)^```$", re.M | re.S)
HERE_ONLY = {".venv", ".git", "node_modules", "instance", ".mypy_cache", ".ruff_cache", ".hypothesis", "__pycache__"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree with the screen of the recipe in it."""
    copy = tmp_path_factory.mktemp("recipe") / "house"
    shutil.copytree(ROOT, copy, ignore=lambda _folder, names: HERE_ONLY & set(names))
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)  # some tests ask git what belongs to the tree
    steps = STEP.findall(TEXT)
    assert len(steps) == 6, "a step of the recipe is not read"
    for name, content in steps:
        path = copy / name
        assert not path.exists(), f"{name} is not new"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    hooked = copy / "blueprints/_areas.py"
    areas = hooked.read_text()
    assert "AREAS = (" in areas
    areas = re.sub(r"^    support,\n", "    support,\n    totals,\n", areas, count=1, flags=re.M)
    hooked.write_text(re.sub(r"AREAS = \(\n", "AREAS = (\n    totals,\n", areas, count=1))
    return copy


def run(house: Path, *command: str) -> str:
    """Run a module in the copy; its output. Fails with that when it fails."""
    outer = ("PYTEST_", "COVERAGE_", "COV_", "MINUTES")  # of the run that we are part of
    environment = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=house, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.timeout(500)
def test_the_screen_of_the_recipe_is_in_order_and_shows(house: Path) -> None:
    run(house, "ruff", "check", *(name for name, _content in STEP.findall(TEXT) if name.endswith(".py")))
    run(
        house,
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "tests/architecture",
        "tests/blueprints/test_totals.py",
    )


def test_the_architecture_tests_see_a_screen_that_left_its_door_out(house: Path) -> None:
    view = house / "blueprints" / "totals" / "views.py"
    good = view.read_text()
    view.write_text(good.replace('@door("work_order:read")\n', ""))
    try:
        with pytest.raises(AssertionError, match="has_a_door"):
            run(house, "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/architecture/test_routes.py")
    finally:
        view.write_text(good)


def test_every_file_the_page_names_is_there() -> None:
    new = {name for name, _content in STEP.findall(TEXT)}
    named = set(re.findall(r"`((?:[\w-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml))`", TEXT)) - new
    assert len(named) > 20
    missing = sorted(name for name in named if not (ROOT / name).exists() and name != "forms.py")
    assert missing == []


def test_every_make_target_the_page_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    named = set(re.findall(r"(?:^|`)make\s+([a-z]+(?:-[a-z]+)*)", TEXT, flags=re.M))
    assert "check" in named
    assert named <= targets
