"""No column is only written or only read: what nobody reads is not kept, what nobody writes is a constant.

Told from the source: a name counts as read where it is taken from something (`row.name`, `.name` in a template, a name
in a list of fields), and as written where something is put under it (`row.name = …`, `Row(name=…)`). A name that some
tables share is judged for all of them together, so this finds what is plainly dead and no more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from sqlalchemy import Column

import models  # noqa: F401 - knows all tables
from tenancy.database import Base
from tests.architecture.test_source import ROOMS, ROOT, ROOT_FILES, sources


class Uses(ast.NodeVisitor):
    """The names that a piece of source reads and writes."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.written: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        (self.read if isinstance(node.ctx, ast.Load) else self.written).add(node.attr)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """`row.count += 1` alone is no reading: what comes of it stays in the row."""
        self.visit(node.target)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self.written |= {keyword.arg for keyword in node.keywords if keyword.arg}
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A name in a list of fields is read and written through getattr and setattr."""
        if isinstance(node.value, str) and node.value.isidentifier():
            self.read.add(node.value)
            self.written.add(node.value)


def uses() -> Uses:
    """Of everything that is not a model, and of the templates."""
    found = Uses()
    rooms = set(ROOMS) - {"sandbox", "models"}
    for path in [*sources(*rooms), *(ROOT / name for name in ROOT_FILES)]:
        found.visit(ast.parse(path.read_text()))
    for path in (ROOT / "templates").rglob("*.*"):
        found.read |= set(re.findall(r"\.(\w+)", path.read_text()))
    for path in sources("models"):  # what a model says of itself: its properties, and how it finds its children
        found.read |= set(re.findall(r"(?:\.|only=\")(\w+)", path.read_text()))
        # what follows other columns by itself
        found.written |= set(re.findall(r"(?:\b(?:row|self)\.|\")(\w+)(?: = |\": )", path.read_text()))
    return found


def columns() -> Iterator[tuple[str, str]]:
    """(table.column, attribute) of every column that is no part of a key."""
    for mapper in Base.registry.mappers:
        for prop in mapper.column_attrs:
            column = prop.columns[0]
            if isinstance(column, Column) and not column.primary_key and not column.foreign_keys:
                yield f"{column.table.name}.{column.name}", prop.key


USES = uses()


def dead(found: Uses) -> dict[str, str]:
    """The columns that nobody reads or nobody writes, with which of the two."""
    wrong = {}
    for column, name in columns():
        if name == "row_version":  # the database counts, for whoever compares; tests/architecture/test_forms.py
            continue
        if name not in found.read:
            wrong[column] = "written, but never read"
        elif name not in found.written:
            wrong[column] = "read, but never written"
    return wrong


def test_every_column_is_read_and_written() -> None:
    assert dead(USES) == {}, "leave the column out, by a migration, or give it what it is for"


def test_a_column_that_nobody_reads_or_writes_would_be_found() -> None:
    unread, unwritten = Uses(), Uses()
    unread.read, unread.written = USES.read - {"broken_at"}, USES.written
    unwritten.read, unwritten.written = USES.read, USES.written - {"broken_at"}
    assert dead(unread) == {"connection.broken_at": "written, but never read"}
    assert dead(unwritten) == {"connection.broken_at": "read, but never written"}


def test_counting_up_is_no_reading() -> None:
    counted = Uses()
    counted.visit(ast.parse("row.tally += 1\nRow(kind='x')\nother.size = row.depth"))
    assert counted.read == {"depth", "x"}
    assert {"tally", "kind", "size"} <= counted.written
