"""`python -m tests.minutes FILE`: minutes per group over all the runs of make test, and how long it took in all."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

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
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
