"""Whether a statement says in each of its parts which tenant it is about: then an engine that spreads tenants over
nodes asks one node for it, and no other node being away can break it.

Looks at what the portal and the worker send during the tests. A part is one SELECT (a subquery is a part of its own),
or an UPDATE, DELETE or INSERT; each tenant's table in it must be tied to a constant tenant_id, or to one that is, in
the same part.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from models import GLOBAL_TABLES
from tenancy.database import Base

ROOT = Path(__file__).parents[2]
_PRODUCT = {str(ROOT / name) for name in ("blueprints", "services", "oversight", "web", "jobs", "demo")}
_TABLES = {table.name for table in Base.metadata.sorted_tables} - GLOBAL_TABLES
_VALUE = r"(?:\?|%\(\w+\)s(?:::\w+)?|:\w+|-?\d+)"
_END = re.compile(
    r"\b(?:WHERE|GROUP BY|ORDER BY|HAVING|LIMIT|UNION|FOR UPDATE|RETURNING|SET|VALUES|OFFSET|ON CONFLICT)\b"
)
_NAMED = re.compile(r'^\s*(?:LATERAL\s+)?"?(\w+)"?(?:\s+AS)?(?:\s+"?(\w+)"?)?')
_seen: set[str] = set()


def parts(statement: str) -> Iterator[str]:
    """Each SELECT of a statement without the SELECTs in it; the innermost first."""
    while True:
        inner = re.search(r"\((?=\s*SELECT\b)", statement)
        while inner is not None:
            deeper = re.search(r"\((?=\s*SELECT\b)", statement[inner.end() :])
            end = _closing(statement, inner.start())
            if deeper is None or inner.end() + deeper.start() > end:
                break
            inner = re.compile(r"\((?=\s*SELECT\b)").search(statement, inner.end())
        if inner is None:
            yield statement
            return
        end = _closing(statement, inner.start())
        yield statement[inner.start() + 1 : end]
        statement = f"{statement[: inner.start()]}(){statement[end + 1 :]}"


def _closing(text: str, opened: int) -> int:
    depth = 0
    for place in range(opened, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def named(part: str) -> dict[str, str]:
    """The tables of a part by the name they have in it."""
    found: dict[str, str] = {}
    for opened in re.finditer(r"\b(?:FROM|JOIN|UPDATE|USING)\b", part):
        if part[: opened.start()].rstrip().endswith("FOR"):
            continue
        rest = part[opened.end() :]
        end = _END.search(rest)
        for piece in re.split(r",|\b(?:LEFT |INNER |OUTER |CROSS )*JOIN\b", rest[: end.start() if end else None]):
            spoken = _NAMED.match(piece.lstrip(" ("))
            if spoken and spoken[1] in _TABLES:
                alias = (
                    spoken[2] if spoken[2] and spoken[2].upper() not in {"ON", "SET", "WHERE", "LEFT", "JOIN"} else ""
                )
                found[alias or spoken[1]] = spoken[1]
    return found


def untied(statement: str) -> list[str]:
    """The tenants' tables of a statement that no constant tenant_id is said of, in the part where they stand."""
    text = " ".join(statement.split())
    into = re.match(r'INSERT(?: OR \w+)? INTO "?(\w+)"? \(([^)]*)\)', text)
    if into and into[1] in _TABLES and "tenant_id" not in into[2].replace('"', "").split(", "):
        return [into[1]]
    wrong = []
    for part in parts(text):
        if re.search(r"\bWHERE 0 = 1|\bWHERE false\b", part):
            continue  # nobody has to be asked for nothing
        names = named(part)
        tied = {name for name in names if re.search(rf'\b{name}"?\.tenant_id (?:= |IN \(\[?){_VALUE}', part)}
        if len(names) == 1 and re.search(rf"(?<![.\w])tenant_id = {_VALUE}", part):
            tied |= set(names)
        pairs = re.findall(r"\b(\w+)\"?\.tenant_id = \"?(\w+)\"?\.tenant_id\b", part)
        while new := {one for pair in pairs for one in pair if tied & set(pair)} - tied:
            tied |= new
        wrong += [f"{names[name]} in: {part}" for name in names if name not in tied]
    return wrong


def watch(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """A listener of before_cursor_execute: raises AssertionError for a statement of the product that is not tied."""
    if statement in _seen or not _from_the_product():
        return
    _seen.add(statement)
    if wrong := untied(statement):
        raise AssertionError(f"a statement that asks every node: {'; '.join(wrong)}")


def _from_the_product() -> bool:
    """Whether what sent the statement is code of the portal or the worker, and not a test."""
    for name in _callers():
        if name.startswith(str(ROOT)) and "/.venv/" not in name and "/tenancy/" not in name:
            return any(name.startswith(folder) for folder in _PRODUCT)
    return False


def _callers() -> Iterable[str]:
    frame = sys._getframe(3)  # what called the listener
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back  # type: ignore[assignment]
