"""`make benchmark`: all of it, one after another, with what each found; then one table, a chart and flame graphs.

SIZE=100000 (what is left out: that) says with how many orders, relations and so on; below 10,000 only what takes
seconds is run, to see that it works. What it draws goes to instance/benchmark, or with KEEP=1 into docs/pictures. Each
benchmark is a module with a function `measure`, called in a process of its own: nothing of one is left when the next
begins, and one that breaks is told in the table.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.charts import bars
from benchmarks.figures import Figure, table

ROOT = Path(__file__).parents[1]
SHORT = 10_000
MOST_RELATIONS = 25_000  # of 100,000 the two databases take half an hour: benchmarks/sync.py, apart


@dataclass(frozen=True)
class Entry:
    """One benchmark: what it is called, its module, what its `measure` is given, and whether it takes seconds only."""

    name: str
    module: str
    given: dict[str, Any]
    short: bool = False


def entries(size: int, folder: Path) -> list[Entry]:
    """What is run; one line a benchmark."""
    few = size < SHORT
    drawn = {"folder": folder, "requests": 20 if few else 400, "orders": 5 if few else 300}
    relations = min(size, MOST_RELATIONS)
    every = [
        Entry("pages and a press, in this process", "pages", {"rounds": 5 if few else 30}, short=True),
        Entry("our side of AddFactuur beside zeep", "soap", {"rounds": 2 if few else 10}, short=True),
        Entry("start and memory", "start_up", {"rounds": 3}),
        Entry("beside Tryton", "tryton", {"rounds": 5, "requests": 20}),
    ]
    for one in ("sqlite", "postgres"):
        every += [
            Entry(f"beside a bare page, {one}", "list_page", {"database": one, "rounds": 5, "requests": 40}),
            Entry(f"pages while presses hang, {one}", "hanging", {"database": one}),
            Entry(f"reading {relations:,} relations, {one}", "sync", {"database": one, "size": relations}),
            Entry(f"a press beside a bare transition, {one}", "press", {"database": one, "rounds": 5, "presses": 20}),
        ]
    every.append(Entry("flame graphs", "flames", drawn, short=True))
    for one in ("sqlite", "postgres"):
        every.append(Entry(f"pages at {size:,} orders, {one}", "size", {"database": one, "orders": size, "rounds": 8}))
    return [entry for entry in every if entry.short or not few]


def measured(entry: Entry) -> list[Figure]:
    """Run one, in this process."""
    found: list[Figure] = import_module(f"benchmarks.{entry.module}").measure(**entry.given)
    on = entry.given.get("database")
    return [replace(one, name=f"{on}: {one.name}") for one in found] if on else found


def run(entry: Entry) -> list[Figure]:
    """Run one in a process of its own; what went wrong is a figure too."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as apart:
        try:
            return apart.submit(measured, entry).result()
        except Exception as wrong:
            return [Figure(entry.name, float("inf"), most=1, beside=f"broke off: {wrong!r}"[:200])]


def main() -> None:
    """Run them, tell, and draw."""
    size = int(os.environ.get("SIZE") or 100_000)
    folder = ROOT / "docs" / "pictures" if os.environ.get("KEEP") else ROOT / "instance" / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Figure] = []
    todo = entries(size, folder)
    for number, entry in enumerate(todo, 1):
        print(f"[{number}/{len(todo)}] {entry.name} ...", flush=True)
        began = time.monotonic()
        figures = run(entry)
        found += figures
        print(f"{table(figures)}\n        {time.monotonic() - began:.0f} s", flush=True)
    print()
    print(table(found))
    bars(found, folder / "benchmark.svg")
    print(f"\nDrawn in {folder}: {', '.join(sorted(path.name for path in folder.glob('*.svg')))}")


if __name__ == "__main__":
    main()
