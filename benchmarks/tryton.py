"""Our list and order page beside Tryton's, an open ERP that can be installed from the same place as our libraries.

python -m benchmarks.tryton [--rounds N] [--requests N]

Tryton gets a virtual environment of its own (instance/tryton), a database on the same PostgreSQL, and 1,000 sales of
five lines. Both are served by gunicorn with two processes of eight threads, and asked by one client, in turns. Work is
close, not equal: Tryton answers what its client asks to show a list of 50 (one call) or a sale with its lines (two), as
JSON without a page around it; ours answers the whole page.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sqlalchemy import make_url

from benchmarks.figures import Figure, table
from benchmarks.list_page import ORDERS, make_orders
from benchmarks.stage import AS_OURS, staged
from benchmarks.start_up import ROOT, served
from tests.support.postgres import OWNER, PostgresServer

PLACE = ROOT / "instance" / "tryton"
SERIES = "8.2.*"
PASSWORD = "een-lang-wachtwoord-2026"
SALE = (
    "number", "description", "party", "party.rec_name", "sale_date", "state", "untaxed_amount", "tax_amount",
    "total_amount", "invoice_state", "shipment_state",
)  # fmt: skip
LINE = ("product", "description", "quantity", "unit", "unit.rec_name", "unit_price", "amount", "type")


def install() -> Path:
    """The folder with its programs; made at the first time."""
    programs = PLACE / "bin"
    if not (programs / "trytond-admin").exists():
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        wanted = [f"trytond[postgresql]=={SERIES}", f"trytond-sale=={SERIES}", "psycopg-binary", "gunicorn"]
        subprocess.run([programs / "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
    return programs


def filled(server: PostgresServer, programs: Path, folder: Path) -> tuple[dict[str, str], str, int]:
    """A database of Tryton with its sales: the environment to serve it with, its name, and the id of a sale."""
    database = server.new()
    url = make_url(server.url(database, OWNER))
    host = quote(str(url.query.get("host") or url.host), safe="")
    configuration = folder / "trytond.conf"
    configuration.write_text(f"[database]\nuri = postgresql://{OWNER}@{host}:{url.port or 5432}/\n")
    (folder / "password").write_text(PASSWORD)
    environment = {**os.environ, "TRYTONPASSFILE": str(folder / "password"), "TRYTOND_CONFIG": str(configuration)}
    admin = [programs / "trytond-admin", "-c", configuration, "-d", database, "--email", "baas@voorbeeld.example"]
    subprocess.run([*admin, "-u", "sale", "--activate-dependencies"], env=environment, check=True)
    orders = [programs / "python", ROOT / "benchmarks" / "tryton_orders.py", configuration, database, str(ORDERS)]
    made = subprocess.run(orders, env=environment, check=True, capture_output=True, text=True)
    return environment | {"TRYTOND_DATABASE_NAMES": database}, database, int(made.stdout)


class Tryton:
    """Its client, as far as a list and a sale need one."""

    def __init__(self, address: str, database: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc)
        self._path, self._headers = f"/{database}/rpc/", {"Content-Type": "application/json"}
        user, session, *_rest = self.ask("common.db.login", "admin", {"password": PASSWORD})
        token = base64.b64encode(f"admin:{user}:{session}".encode()).decode()
        self._headers["Authorization"] = f"Session {token}"
        self._context = self.ask("model.res.user.get_preferences", True, {})

    def ask(self, method: str, *given: Any) -> Any:
        """One call."""
        body = json.dumps({"id": 1, "method": method, "params": given})
        self.connection.request("POST", self._path, body, self._headers)
        answer = self.connection.getresponse()
        said = json.loads(answer.read())
        if answer.status != 200 or (isinstance(said, dict) and said.get("error")):
            raise RuntimeError(f"{method}: {answer.status} {str(said)[:500]}")
        return said["result"] if isinstance(said, dict) and "result" in said else said

    def list_(self) -> int:
        """A screen of 50; how many there are."""
        return len(self.ask("model.sale.sale.search_read", [], 0, 50, [["id", "DESC"]], SALE, self._context))

    def open(self, sale: int) -> int:
        """One, with its lines; how many there are."""
        (found,) = self.ask("model.sale.sale.read", [sale], [*SALE, "lines"], self._context)
        return len(self.ask("model.sale.line.read", found["lines"], LINE, self._context))


class Ours:
    """A browser that is logged in."""

    def __init__(self, address: str, cookie: str) -> None:
        self.connection, self._headers = http.client.HTTPConnection(urlsplit(address).netloc), {"Cookie": cookie}

    def get(self, path: str) -> None:
        """One page."""
        self.connection.request("GET", path, headers=self._headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")


def per_second(client: Tryton | Ours, work: Callable[[], object], times: int) -> float:
    """How often a second, over a new connection: a server closes one that waited while the other was asked."""
    client.connection.close()
    began = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - began)


def measure(rounds: int, requests: int) -> list[Figure]:
    """Install, fill and ask both."""
    programs = install()
    with staged("postgres") as on:
        with on.inside():
            order = make_orders(on.app)
        assert on.server is not None
        environment, database, sale = filled(on.server, programs, on.folder)
        with (
            served([], on.environment) as (address, _pid, _start),
            served([*AS_OURS, "trytond.application:app"], environment, programs / "python") as (theirs, _pid, _start),
        ):
            tryton, browser = Tryton(theirs, database), Ours(address, on.cookie)
            assert (tryton.list_(), tryton.open(sale)) == (50, 5)
            return beside(browser, order, tryton, sale, rounds, requests)


def beside(browser: Ours, order: str, tryton: Tryton, sale: int, rounds: int, requests: int) -> list[Figure]:
    """Ask for a list and for one on both sides, in turns."""
    figures = []
    for name, least, ours, theirs in (
        ("list of 50", 4, lambda: browser.get("/t/installatie/work-orders/"), tryton.list_),
        ("open one", 2, lambda: browser.get(order), lambda: tryton.open(sale)),
    ):
        sides = ((browser, ours), (tryton, theirs))
        for side in sides:
            per_second(*side, 10)
        found = []
        for _ in range(rounds):
            first, mine, again, last = (per_second(*sides[n], requests) for n in (1, 0, 0, 1))
            found.append((2 / (1 / mine + 1 / again), 2 / (1 / first + 1 / last)))
        ratio = statistics.median(mine / other for mine, other in found)
        mine, other = (statistics.median(pair[n] for pair in found) for n in (0, 1))
        told = f"{mine:.0f} a second, Tryton {other:.0f}"
        figures.append(Figure(f"{name}, x Tryton", ratio, least=least, beside=told))
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=40, help="of a block; a round has two of each")
    asked = parser.parse_args()
    print(table(measure(asked.rounds, asked.requests)))
