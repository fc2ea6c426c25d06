"""What every page costs with a history of years, beside the same page at 1,000 orders.

python -m benchmarks.size [--database postgres] [--orders N] [--rounds N]

Two installations in this process: one of 1,000 orders, and one of N orders (100,000 when not said), two fifths as many
relations, four entries of the log and three lines for each order, and 200 companies. Every page of a company that can
be opened by GET is asked as its owner, in turns: small, large, large, small. What counts is processor time, of the
portal and of the database together: a busy machine changes little of it. A ratio is of the p95 of the large one to that
of the small one (behind it: of the medians); an export counts per row.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, make_url, select, text

from app import create_app
from benchmarks.figures import Figure
from demo.fill import fill
from models import Person, Worker
from services.company import tenants
from settings import from_environment
from tenancy.database import db
from tests.support import large
from tests.support.cast import cookie_for
from tests.support.client import HTMX, HouseClient
from tests.support.postgres import OWNER, PostgresServer, migrate, running_postgres
from tests.support.sandbox_process import running_sandbox

SMALL, COMPANIES = 1_000, 200
EMAIL, SLUG, TOPIC = "eigenaar@installatie.example", "installatie", "artikelen"
STEADY = ("work_orders.list_", "work_orders.show", "start.show", "help.index", "help.topic")  # what everybody opens
KINDS = {"list, order, start, help": 1.2, "other pages": 2.0}
SEARCHED = {  # endpoint: a query that finds some
    "work_orders.list_": "q=Lekkage+77", "relations.list_": "q=Vries+1", "articles.list_": "q=deel+7",
    "choices.customers": "q=vries", "choices.articles": "q=deel+7", "choices.workers": "q=monteur",
}  # fmt: skip


@dataclass(frozen=True)
class Installation:
    """One that is filled: its app, its owner's browser, what an address may name, an executed order, and the database's
    process (None: it is in ours)."""

    app: Flask
    client: HouseClient
    ids: dict[str, UUID | str]
    done_order: UUID
    backend: int | None

    def log_in(self) -> None:
        """As its owner, who just typed the password."""
        with self.app.app_context():
            token = cookie_for(EMAIL, self.app.config["SECRET_KEY"]).token
        self.client.set_cookie("crafter_session", token)

    def took(self, address: str, htmx: bool) -> tuple[float, int, int]:
        """Milliseconds of processor, the status and the lines of the answer."""
        with self.app.app_context():
            began = self._spent()
            answer = self.client.get(address, headers=HTMX if htmx else {})
            body = answer.get_data()
            return self._spent() - began, answer.status_code, body.count(b"\n")

    def _spent(self) -> float:
        there = Path(f"/proc/{self.backend}/schedstat").read_text().split()[0] if self.backend else 0
        return (time.thread_time_ns() + int(there)) / 1e6

    def address(self, endpoint: str, query: str) -> str:
        """Where a page is here."""
        (rule,) = self.app.url_map.iter_rules(endpoint)
        ids = self.ids if endpoint in STEADY else self.ids | {"order_id": self.done_order}
        values = {name: ids.get(name, "0") for name in rule.arguments - {"tenant_slug"}}
        with self.app.test_request_context():
            built = self.app.url_map.bind("localhost").build(endpoint, {"tenant_slug": SLUG, **values})
        return f"{built}?{query}" if query else built


@dataclass(frozen=True)
class Ratio:
    """A page at both sizes: its p95 in ms, and the ratios."""

    name: str
    most: float
    small: float
    large: float
    p95: float
    median: float


@dataclass(frozen=True)
class Database:
    """Its address as its owner, who migrates, and as the app; the server that it is on, None for a file."""

    owner: str
    url: str
    server: PostgresServer | None = None

    def pouring(self) -> contextlib.AbstractContextManager[Connection]:
        """A connection that rows are filled in by; asked inside the app."""
        if self.server is None:
            return db.engine.begin()
        return self.server.pouring(make_url(self.url).database or "")


@contextlib.contextmanager
def databases(kind: str, folder: Path) -> Iterator[Callable[[str], Database]]:
    """What makes a database of a name."""
    if kind == "sqlite":
        yield lambda name: Database(*(f"sqlite:///{folder / name / 'crafter.sqlite3'}",) * 2)
        return
    with running_postgres(durable=True) as server:

        def new(name: str) -> Database:
            server.make(name)
            return Database(server.url(name, OWNER), server.url(name), server)

        yield new


def filled(place: Database, folder: Path, soap_url: str, orders: int, companies: int) -> Installation:
    """Migrate a database, fill it with the demo, with so many orders at one of its companies and so many companies."""
    given = {"DATA": str(folder), "EBOEKHOUDEN_URL": soap_url, "HTMX_SOURCE": "cdn"}
    owner, url = place.owner, place.url
    if owner == url:
        with create_app(from_environment(given | {"DATABASE_URL": url})).app_context():
            upgrade()
    else:
        migrate(from_environment(given | {"DATABASE_URL": owner}))
    app = create_app(from_environment(given | {"DATABASE_URL": url}))
    with app.app_context():
        fill(app.extensions["crafter"], lambda _text: None)
        for n in range(companies):
            tenants.leave()
            tenants.create(f"bedrijf-{n}", f"Bedrijf {n}", f"baas{n}@bedrijf.example")
        tenants.leave()
        actor = tenants.process(SLUG, "Meting")
        worker_id = db.session.scalars(select(Worker.id).order_by(Worker.name)).first()
        person_id = db.session.scalars(select(Person.id).where(Person.email == "planner@installatie.example")).one()
        assert worker_id is not None
        db.session.remove()
        with place.pouring() as connection:
            found = large.fill(connection, actor.tenant_id, worker_id, large.Size(orders))
        tenants.leave()
        db.engine.dispose()
    with create_app(from_environment(given | {"DATABASE_URL": owner})).app_context():
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        db.engine.dispose()
    client = HouseClient(app, app.response_class)
    with app.app_context():  # one thread asks, so there is one connection
        backend = None if owner == url else db.session.scalar(text("SELECT pg_backend_pid()"))
        db.session.remove()
    named = {
        "order_id": found.posted_order, "relation_id": found.relation_id, "location_id": found.location_id,
        "article_id": found.article_id, "worker_id": worker_id, "person_id": person_id, "topic": TOPIC,
    }  # fmt: skip
    return Installation(app, client, named, found.done_order, backend)


def pages(app: Flask) -> list[tuple[str, str, bool]]:
    """What is asked: endpoint, query, and whether as htmx asks it. A new page joins by itself."""
    rules = [rule for rule in app.url_map.iter_rules() if "tenant_slug" in rule.arguments]
    endpoints = sorted({rule.endpoint for rule in rules if "GET" in (rule.methods or ())})
    plain = [(endpoint, "", False) for endpoint in endpoints]
    searched = [(endpoint, query, False) for endpoint, query in SEARCHED.items()]
    fragments = [("work_orders.list_", "", True), ("work_orders.show", "", True), ("planning.show", "", True)]
    return plain + searched + fragments


def compared(small: Installation, grown: Installation, rounds: int, told: Callable[[str], None]) -> list[Ratio]:
    """Every page at both sizes."""
    found = []
    for endpoint, query, htmx in pages(small.app):
        if endpoint.startswith("old_addresses"):
            continue
        small.log_in(), grown.log_in()
        both = [(one, one.address(endpoint, query)) for one in (small, grown)]
        statuses = {one.took(address, htmx)[1] for one, address in both}
        name = (
            endpoint.replace("_.", ".").rstrip("_") + (f" ?{query}" if query else "") + (", fragment" if htmx else "")
        )
        if statuses != {200}:
            told(f"not asked: {name} answers {sorted(statuses)}")
            continue
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for n in (0, 1, 1, 0):
                ms, _status, lines = both[n][0].took(both[n][1], htmx)
                times[n].append(ms / lines if "export" in endpoint else ms)
        slow = [statistics.quantiles(one, n=20)[-1] for one in times]
        middle = [statistics.median(one) for one in times]
        steady = endpoint in STEADY and not query
        most = KINDS["list, order, start, help" if steady else "other pages"]
        ratio = Ratio(name, most, slow[0], slow[1], slow[1] / slow[0], middle[1] / middle[0])
        found.append(ratio)
        told(
            f"{name:50}{slow[0]:9.2f}{slow[1]:9.2f}{ratio.p95:7.2f} x ({ratio.median:.2f})"
            f"  at most {ratio.most}{'' if ratio.p95 <= ratio.most else '  NOT reached'}"
        )
    return found


def measure(database: str, orders: int, rounds: int, told: Callable[[str], None] = lambda _line: None) -> list[Figure]:
    """Make both and compare; the slowest page of each kind is told."""
    with contextlib.ExitStack() as open_until_the_end:
        folder = Path(open_until_the_end.enter_context(tempfile.TemporaryDirectory()))
        new = open_until_the_end.enter_context(databases(database, folder))
        made = []
        for name, many, companies in (("small", SMALL, 0), ("large", orders, COMPANIES - 2)):
            (folder / name).mkdir()
            sandbox = open_until_the_end.enter_context(running_sandbox(folder / name))
            made.append(filled(new(name), folder / name, sandbox.soap_url, many, companies))
        small, grown = made
        gc.collect()
        gc.freeze()  # as before the portal's processes part: what was made before is not looked through again
        told(f"filled: {SMALL:,} and {orders:,} orders")
        ratios = compared(small, grown, rounds, told)
        for one in (small, grown):
            with one.app.app_context():
                tenants.leave()
                db.engine.dispose()
    return [_worst(f"{kind}, {orders:,} orders", most, ratios) for kind, most in KINDS.items()]


def _worst(kind: str, most: float, ratios: list[Ratio]) -> Figure:
    those = [one for one in ratios if one.most == most]
    worst, kept = max(those, key=lambda one: one.p95), sum(one.p95 <= most for one in those)
    beside = f"{kept} of {len(those)} keep to it; slowest: {worst.name} (medians: {worst.median:.2f} x)"
    return Figure(kind, worst.p95, most=most, beside=beside)


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    measure(given.database, given.orders, given.rounds, lambda line: print(line, flush=True))
