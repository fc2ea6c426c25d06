"""What reading very many relations in costs beside lxml's iterparse and a raw upsert of the same XML, and what others
notice of it.

python -m benchmarks.sync [--size N] [--database postgres]

A bookkeeping that does nothing else (`benchmarks/play_list.py`) gives them as the real one does, at most 2,000 an
answer, so the list is searched for. Ours reads, compares and stores; the floor asks for the answers that ours was
given, once more, parses them and upserts every relation once: the first pass into an empty table, the second over the
same. Each pass is a process of its own; peak is what it grew by, to be held against all relations' XML, each once. Then
the order list and a help page are asked while nothing happens, and while another company reads as many in for the first
time.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from lxml import etree
from sqlalchemy import event
from sqlalchemy.engine import make_url

from app import create_app
from benchmarks.beside import for_seconds, tell, waits
from benchmarks.figures import Figure
from benchmarks.stage import parser, staged
from benchmarks.start_up import ROOT, served
from domain.link import LinkState
from services.catalogue import relations
from services.company import tenants
from services.dependencies import Dependencies
from services.link import connection
from services.transaction import write_transaction
from settings import from_environment
from tenancy.database import db

MEASURED, BESIDE = "meting", "buiten"
IDLE_SECONDS = 20.0
_SOAP = "{http://www.e-boekhouden.nl/soap}"
_FIELDS = ("ID", "Code", "Bedrijf", "BP", "Contactpersoon", "Adres", "Postcode", "Plaats", "Land", "Telefoon", "GSM",
           "Email", "BTWNummer", "KvkNummer", "IBAN")  # fmt: skip


@contextlib.contextmanager
def play_list(size: int) -> Iterator[str]:
    """Where the bookkeeping with very many relations listens, as host and port."""
    command = [sys.executable, "-m", "benchmarks.play_list", str(size)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def get(place: str, path: str) -> bytes:
    """What the bookkeeping says it gave."""
    asking = http.client.HTTPConnection(place)
    asking.request("GET", path)
    content = asking.getresponse().read()
    asking.close()
    return content


class Costs:
    """Seconds, processor seconds and growth of this process from now on."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the highest so far counts from here
        self._before = _memory("VmRSS")
        self._began, self._spent = time.perf_counter(), time.process_time()

    def told(self, **more: Any) -> None:
        """Print them as JSON, with whatever else there is to tell."""
        figures = {
            "seconds": time.perf_counter() - self._began,
            "cpu": time.process_time() - self._spent,
            "peak": _memory("VmHWM") - self._before,
        }
        print(json.dumps(figures | more))


def _memory(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def ours(slug: str) -> None:
    """One pass of ours."""
    app = create_app(from_environment(os.environ))
    written = [0]

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if re.match(r"(INSERT INTO|UPDATE) relation\b", statement):
            written[0] += len(values) if many else max(statement.count("), ("), 0) + 1

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", hear)
        actor = tenants.process(slug, "Meting")
        costs = Costs()
        run = relations.sync(app.extensions["crafter"], actor)
        costs.told(written=written[0], found=run.found, calls=run.calls, error=str(run.error), complete=run.complete)


def floor(place: str, url: str, first: str, last: str) -> None:
    """One pass of the floor, over these of the answers that were given."""
    costs = Costs()
    rows: dict[str, tuple[str, ...]] = {}
    for number in range(int(first), int(last)):
        content = io.BytesIO(get(place, f"/answers/{number}"))
        for _, element in etree.iterparse(content, tag=f"{_SOAP}cRelatie"):
            texts = {child.tag: child.text or "" for child in element}
            rows[texts[f"{_SOAP}ID"]] = tuple(texts[_SOAP + name] for name in _FIELDS)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    (_upsert_sqlite if url.startswith("sqlite") else _upsert_postgres)(url, rows.values())
    costs.told(written=len(rows), found=len(rows))


def _columns() -> tuple[str, str, str]:
    columns = ", ".join(_FIELDS)
    table = f"CREATE TABLE IF NOT EXISTS floor ({columns.replace(',', ' text,')} text, PRIMARY KEY (ID))"
    update = ", ".join(f"{name} = excluded.{name}" for name in _FIELDS[1:])
    return table, columns, f"ON CONFLICT (ID) DO UPDATE SET {update}"


def _upsert_sqlite(url: str, rows: Any) -> None:
    table, columns, update = _columns()
    with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            database.execute(f"PRAGMA {pragma}")
        database.execute(table)
        marks = ", ".join("?" * len(_FIELDS))
        database.executemany(f"INSERT INTO floor ({columns}) VALUES ({marks}) {update}", rows)
        database.commit()


def _upsert_postgres(url: str, rows: Any) -> None:
    table, columns, update = _columns()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as database, database.cursor() as cursor:
        cursor.execute(table)
        cursor.execute("CREATE TEMP TABLE came (LIKE floor) ON COMMIT DROP")
        with cursor.copy(f"COPY came ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO floor ({columns}) SELECT {columns} FROM came {update}")


def part(name: str, environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """A pass in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sync", "--part", name, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a pass told."""
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("a pass failed")
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    if figures.get("error"):
        raise RuntimeError(figures["error"])
    return figures


def link(deps: Dependencies, slug: str) -> None:
    """Make a company whose link works."""
    tenants.create(slug, slug, f"{slug}@voorbeeld.example")
    tenants.leave()
    actor = tenants.process(slug, "Meting")
    connection.switch_feature(actor, True)
    connection.save_credentials(deps, actor, "meting", "1", "2")
    with write_transaction() as session:
        connection.locked(session).state = LinkState.ACTIVE
    tenants.leave()


def compare(place: str, environment: Mapping[str, str], floor_url: str) -> list[Figure]:
    """Two passes of ours and two of the floor, and the table."""
    passes, given = {}, 0
    for turn in ("first", "again"):
        passes[f"ours, {turn}"] = told(part("ours", environment, MEASURED))
        before, (given, size) = given, json.loads(get(place, "/answers"))
        passes[f"floor, {turn}"] = told(part("floor", environment, place, floor_url, str(before), str(given)))
    payload = size / 1024 / 1024
    first = passes["ours, first"]
    print(f"{first['found']} relations of {payload:.0f} MB, found in {first['calls']} answers")
    print(f"{'':14}{'seconds':>9}{'of floor':>10}{'cpu s':>8}{'of floor':>10}{'peak MB':>9}{'rows written':>14}")
    for name, figures in passes.items():
        base = passes[name.replace("ours", "floor")]
        print(
            f"{name:14}{figures['seconds']:9.1f}{figures['seconds'] / base['seconds']:10.2f}{figures['cpu']:8.1f}"
            f"{figures['cpu'] / base['cpu']:10.2f}{figures['peak']:9.0f}{figures['written']:14}"
        )
    print(f"peak wanted: at most {payload + 64:.0f} MB", flush=True)
    ratio = first["seconds"] / passes["floor, first"]["seconds"]
    return [
        Figure(f"reading {first['found']:,} relations", ratio, most=1.5, beside="x iterparse and a raw upsert"),
        Figure("the same, memory at its peak", first["peak"], "MB", most=payload + 64),
        Figure("rows written the second time", passes["ours, again"]["written"], "rows", most=0),
    ]


def bystanders(environment: Mapping[str, str], portal: Mapping[str, str], cookie: str) -> list[Figure]:
    """The pages of others, idle and while a first pass runs."""
    with served([], dict(portal)) as (address, _pid, _start):
        waits(address, cookie, for_seconds(3))
        idle = waits(address, cookie, for_seconds(IDLE_SECONDS))
        reading = part("ours", environment, BESIDE)
        busy = waits(address, cookie, lambda: reading.poll() is None)
        told(reading)
        return tell(idle, busy, "while reading")


def measure(database: str, size: int) -> list[Figure]:
    """Make what is needed, then measure."""
    with staged(database) as on, play_list(size) as place:
        with on.inside():
            for slug in (MEASURED, BESIDE):
                link(on.app.extensions["crafter"], slug)
        search = {"SEARCH_CALLS": "5000", "SEARCH_CALLS_A_DAY": "8000", "SEARCH_PAUSE": "0"}
        reading = on.environment | search | {"EBOEKHOUDEN_URL": f"http://{place}/soap.asmx"}
        return compare(place, reading, on.spare) + bystanders(reading, on.environment, on.cookie)


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = parser(__doc__)
    asked.add_argument("--size", type=int, default=100_000, help="how many relations")
    asked.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    return asked.parse_args()


if __name__ == "__main__":
    asked = arguments()
    if asked.part is None:
        measure(asked.database, asked.size)
    else:
        {"ours": ours, "floor": floor}[asked.part[0]](*asked.part[1:])
