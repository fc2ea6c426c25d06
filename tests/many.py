"""`make test-many`: the whole suite over and over, the way that shows what only sometimes fails.

python -m tests.many [RUN ...]: the runs to do, by name; all of them when none is named:

    idle-1 … idle-5, busy-1 … busy-3   as it stands, and with two processes that do nothing but keep both cores busy
    shuffled                           files and tests in a random order (SEED=<number> for one of before)
    amsterdam, utc                     across midnight: the clock of every process begins five minutes before it

Each run is one line when it ends; its whole output stays in instance/many/. Ends with 1 when one of them failed.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "instance" / "many"
RUNS = (*(f"idle-{n}" for n in range(1, 6)), *(f"busy-{n}" for n in range(1, 4)), "shuffled", "amsterdam", "utc")
_EARLY = timedelta(minutes=5)


@contextmanager
def busy(processes: int = 2) -> Iterator[None]:
    """Keep the cores busy."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


def moved(zone: str) -> dict[str, str]:
    """Variables with which every Python process begins before the next new year's midnight of a zone. One distance for
    all, so that they agree."""
    now = datetime.now(UTC)
    midnight = datetime(now.year + 1, 1, 1, tzinfo=ZoneInfo(zone))
    distance = (midnight - _EARLY - now).total_seconds()
    return {"CLOCK_AHEAD": f"{distance:.0f}", "PYTHONPATH": str(ROOT / "tests/support/ahead")}


def play(name: str, words: list[str]) -> bool:
    """One run; whether it was green."""
    environment, seed = dict(os.environ), ""
    if name == "shuffled":
        seed = environment["ORDER"] = os.environ.get("SEED") or str(random.randrange(1, 10**6))
    elif name in ("amsterdam", "utc"):
        environment |= moved({"amsterdam": "Europe/Amsterdam", "utc": "UTC"}[name])
    KEPT.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with (KEPT / f"{name}.txt").open("w") as output:
        command = [sys.executable, "-m", "pytest", "--ignore", "tests/commands", *words]
        if name.startswith("busy"):
            with busy():
                code = subprocess.run(command, cwd=ROOT, env=environment, stdout=output, stderr=output).returncode
        else:
            code = subprocess.run(command, cwd=ROOT, env=environment, stdout=output, stderr=output).returncode
    said = (KEPT / f"{name}.txt").read_text().splitlines()
    minutes = (time.monotonic() - began) / 60
    print(
        f"{name:10} {minutes:5.1f} min  {said[-1].strip('= ') if said else code}{seed and f'  SEED={seed}'}", flush=True
    )
    for line in said:
        if line.startswith(("FAILED", "ERROR")):
            print(f"           {line}", flush=True)
    return code == 0


def main(given: list[str]) -> int:
    """Play what was named; words that are no run go to pytest."""
    names = [word for word in given if word in RUNS] or list(RUNS)
    words = [word for word in given if word not in RUNS]
    green = [play(name, words) for name in names]
    return 0 if all(green) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
