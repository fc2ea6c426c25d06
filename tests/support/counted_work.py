"""The work that statements took, as the databases count it (tests/support/work.py and explained.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LIST = re.compile(r"(?:\?|%\(\w+\)s(?:::\w+)?)(?:, (?:\?|%\(\w+\)s(?:::\w+)?))+")


def unlisted(statement: str) -> str:
    """A statement on one line, and the same however many values stand in its lists."""
    return " ".join(_LIST.sub("...", statement).split())


@dataclass(frozen=True)
class Done:
    """A statement that ran, the work it took, and the rows it gave or, on PostgreSQL, changed; `runs` of it."""

    statement: str
    work: int
    rows: int = 0
    runs: int = 1


@dataclass
class Work:
    """The statements that ran, oldest first."""

    done: list[Done] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All of it."""
        return sum(one.work for one in self.done)

    def by_statement(self) -> dict[str, Done]:
        """Each statement once, all its runs together."""
        found: dict[str, Done] = {}
        for one in self.done:
            name = unlisted(one.statement)
            so_far = found.get(name, Done(name, 0, 0, 0))
            work, rows, runs = so_far.work + one.work, so_far.rows + one.rows, so_far.runs + one.runs
            found[name] = Done(name, work, rows, runs)
        return found
