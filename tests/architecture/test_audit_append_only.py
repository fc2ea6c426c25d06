"""The audit trail only grows: nothing in the product's code changes or removes a row of it, or unseals it."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.test_source import ROOMS, ROOT, ROOT_FILES, short, sources

TRAIL = ("AuditEntry", "AuditSeal")
VERBS = ("update", "delete", "insert")


def breaches(text: str) -> list[str]:
    """Calls in a source that would change the trail other than by adding an entry."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name, said = ast.unparse(node.func), ast.unparse(node)
        first = ast.unparse(node.args[0]) if node.args else ""
        if name.split(".")[-1] in VERBS and first in TRAIL:
            found.append(said)
        if name.split(".")[-1] == "delete" and any(row in said for row in TRAIL):
            found.append(said)
    return found


def test_no_code_changes_or_removes_what_is_in_the_trail() -> None:
    for path in [*sources(*ROOMS), *(ROOT / name for name in ROOT_FILES)]:
        assert breaches(path.read_text()) == [], f"{short(path)}: the audit trail is append-only"


def test_entries_are_added_in_one_place_and_seals_in_one() -> None:
    makers = {"AuditEntry": "oversight/audit_trail.py", "AuditSeal": "services/trail/seals.py"}
    for path in sources(*ROOMS):
        for row, home in makers.items():
            if short(path) not in {home, "models/audit.py"}:
                assert not re.search(rf"\b{row}\(", path.read_text()), f"{short(path)}: only {home} makes a {row}"


@pytest.mark.parametrize(
    "text",
    [
        "session.execute(update(AuditEntry).values(event='x'))",
        "session.execute(sa.delete(AuditSeal))",
        "session.delete(session.get(AuditEntry, key))",
    ],
)
def test_this_test_sees_a_breach(text: str) -> None:
    assert breaches(text)
