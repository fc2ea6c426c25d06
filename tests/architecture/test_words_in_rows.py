"""No sentence of ours goes into a row: its columns hold keys (domain/notes.py), and nobody hands them Dutch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from sqlalchemy import String, Text

import models
from models._stored import StoredMessage
from tenancy.database import Base
from tests.architecture.test_source import short, sources

WORDS = {"why", "note", "reason", "error", "device", "remark", "explanation", "message"}
# what people typed, or a far side said: kept as it is
THEIRS = {
    "tenant.suspended_reason", "work_order.not_billable_reason", "work_order.office_note", "support_visit.reason",
    "mail.error", "sync_run.error_code",
}  # fmt: skip
# whatever is made with these is kept in a row
KEPT = {
    "Uncertain", "NotSent", "BookkeepingError", "Unreachable", "Busy", "Resting", "Unfit", "Declined",
    "CredentialsRefused", "Trouble", "Withheld", "Unreadable", "mark", "fail", "as_written", "record",
}  # fmt: skip
_SPOKEN = re.compile(r"[^\W\d_] | [^\W\d_]")
COLUMNS = {
    column.key
    for mapper in Base.registry.mappers
    for column in mapper.columns
    if isinstance(column.type, StoredMessage)
}


def sentences(node: ast.AST | None) -> Iterator[str]:
    """The literals below a node that read as words: a letter beside a space, in parts of f-strings too."""
    for one in ast.walk(node) if node is not None else ():
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and _SPOKEN.search(one.value):
            yield one.value


def found_in(source: str) -> list[tuple[int, str]]:
    """(line, literal) of every sentence that goes into a row."""
    found = []
    for node in ast.walk(ast.parse(source)):
        kept: list[ast.AST | None] = []
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Attribute) and target.attr in COLUMNS for target in targets):
                kept.append(node.value)
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name in KEPT:
                kept += [*node.args, *(word.value for word in node.keywords)]
            kept += [word.value for word in node.keywords if word.arg in COLUMNS and hasattr(models, name)]
        found += [(node.lineno, said) for one in kept for said in sentences(one)]
    return found


def test_no_sentence_is_written_into_a_row() -> None:
    for path in sources("services", "oversight", "gateways", "jobs", "web", "blueprints"):
        assert found_in(path.read_text()) == [], f"{short(path)}: say it with note(...), from domain/notes.py"


def test_such_a_sentence_is_found() -> None:
    for source in (
        'row.note = "de koppeling is weg"',
        'row.why = f"{number} is daar een andere"',
        'BulkJob(state="x", reason="door de worker")',
        'raise Unreachable("geen verbinding")',
        'posting.conclude(row, Uncertain(why or "het nummer is bezet"))',
        'numbers.mark(session, number, state, f"zegt {who}")',
        'record(session, actor, "x", result="niet gevonden")',
    ):
        assert found_in(source), source
    assert found_in('row.note = note("link.changed")') == []


def test_a_column_of_our_words_holds_keys() -> None:
    plain = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | Text) and WORDS & set(column.name.split("_"))
    }
    assert plain == THEIRS, "a column for our own words is a StoredMessage; what people type goes on the list"
    assert {"why", "note", "reason", "error", "device"} <= COLUMNS
