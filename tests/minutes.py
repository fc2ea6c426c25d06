"""`python -m tests.minutes FILE`: the end of make test. Minutes per group over all its runs, how long it took in all,
and how much of the code was run; 1 when that is under the floor in pyproject.toml."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from coverage import Coverage

from tests.support.suite import table

BUDGET = 30, 75  # minutes: idle, and with both cores busy


def main(path: str) -> int:
    """Print it. The file was made when make test began."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    began, rows = float(lines[0]), [tuple(json.loads(line)) for line in lines[1:]]
    print("\nminutes per group, added up over both processes:")
    print("\n".join(table(rows)))
    print(
        f"{(time.time() - began) / 60:6.1f} min in all; the budget is {BUDGET[0]} idle, {BUDGET[1]} on a busy machine"
    )
    return 0 if covered() else 1


def covered() -> bool:
    """Say how much of the code was run; whether that is enough."""
    measured = Coverage()
    measured.combine()
    with Path(os.devnull).open("w") as nowhere:
        total, floor = measured.report(file=nowhere), float(measured.get_option("report:fail_under"))  # type: ignore[arg-type]
    print(
        f"{total:6.1f} % of the code with its branches, by the groups of CORE in the Makefile; the floor is {floor:g} %"
    )
    return total >= floor


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
