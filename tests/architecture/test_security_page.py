"""docs/security.md keeps its word: every item of the checklist is there once, and every test it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "security.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| ([\d., –]+) \| (.+?) \|([^|]*)\|$", PAGE.replace("\\|", "/"), re.M)
NAMED = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", PAGE)


@cache
def names_in(path: Path) -> set[str]:
    """The test functions of a file."""
    nodes = ast.walk(ast.parse(path.read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_item_is_there_once_in_its_order() -> None:
    assert [int(number) for number, *_ in ROWS] == list(range(1, 59))


def test_every_item_names_a_test_or_says_why_not() -> None:
    for number, _asvs, what, kept in ROWS:
        assert "::test_" in kept or re.match(r"(Waits for|Does not apply|Not met:)", what), (
            f"item {number} is kept by nothing"
        )


def test_every_test_it_names_exists() -> None:
    assert len(NAMED) > 80
    for name, test in NAMED:
        path = TESTS.parent / name if name.startswith("tests/") else TESTS / name
        assert path.exists(), f"{name} is not there: name the test that took its place"
        assert not test or test in names_in(path), f"{name} has no {test}: name the test that took its place"
