"""The audits of code and packages cannot be silently green."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.audit_packages import ask, verdict

ROOT = Path(__file__).parents[2]
GOOD = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {"name": "zeep", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "structlog", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(
    ("found", "required", "code", "said"),
    [
        ([GOOD], True, 0, "no known weakness"),
        ([GOOD, WEAK], False, 1, "zeep 1.0: PYSEC-2026-1, mended in 1.1"),
        ([UNKNOWN, WEAK], False, 1, "PYSEC-2026-1"),
        ([UNKNOWN, UNKNOWN], False, 0, "NOTICE: packages were NOT audited"),
        ([UNKNOWN, UNKNOWN], True, 1, "NOTICE: packages were NOT audited"),
        ([GOOD, UNKNOWN], False, 0, "NOTICE: not audited, the source does not know them: structlog"),
        ([GOOD, UNKNOWN], True, 1, "structlog"),
        ([], False, 0, "NOT audited"),
        (None, False, 0, "NOT audited"),
        (None, True, 1, "NOT audited"),
    ],
)
def test_what_the_audit_of_packages_says(found: list | None, required: bool, code: int, said: str) -> None:
    exit_code, lines = verdict(found, required)
    assert exit_code == code
    assert said in "\n".join(lines)


@pytest.mark.parametrize("program", ["print('no json')", "raise SystemExit(1)", "import time; time.sleep(60)"])
def test_an_audit_that_gives_no_answer_is_none(program: str) -> None:
    assert ask([sys.executable, "-c", program], seconds=2) is None


def test_both_audits_are_part_of_make_check() -> None:
    steps = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert "tests.audit_packages" in steps
    assert "bandit -q -c pyproject.toml -r $(PRODUCT)" in steps


def test_every_room_of_the_product_is_looked_at() -> None:
    product = (ROOT / "Makefile").read_text().partition("PRODUCT := ")[2].partition("\n")[0].split()
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert rooms | {path.name for path in ROOT.glob("*.py")} == set(product)
