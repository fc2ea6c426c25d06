"""What our pages cost beside the barest Flask + SQLAlchemy + Jinja page: requests per second and processor time.

python -m benchmarks.list_page [--database postgres] [--rounds N] [--requests N] [--profile PAGE]

Both run under gunicorn with the same processes and threads, on a database of the same kind with 1,000 orders; ours is
logged in. One client, its connection kept open, asks in turns: bare, ours, ours, bare. A ratio is taken within a round;
what is printed is the median of the rounds, with the lowest and highest behind it. `--profile` asks one page many times
inside this process and tells where its time goes; its numbers are shares, for watching makes everything slower.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import time
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from benchmarks.figures import Figure
from benchmarks.profiling import tell_shares
from benchmarks.stage import NUMBERED, Server, parser, staged
from benchmarks.start_up import cpu, family
from models import BY_NUMBER, Location, WorkOrder
from services.company import tenants
from services.invoicing import press
from tenancy.database import db
from tests.support.cast import line, make_order
from tests.support.client import HTMX

ORDERS = 1000
MUST = 22.0  # percent of the bare page: where Odoo stands
INVOICED = 20  # of the newest 50


@dataclass(frozen=True)
class Page:
    """A page of ours and the bare one it is held against."""

    name: str
    ours: str
    bare: str
    htmx: bool = False


@dataclass(frozen=True)
class Cost:
    """Of one block of requests: how many a second, and processor milliseconds of the server for each."""

    per_second: float
    cpu_ms: float


def ask(address: str, path: str, headers: dict[str, str], times: int, pid: int) -> Cost:
    """Ask a page so many times over one connection."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    began, spent = time.perf_counter(), cpu(family(pid))
    for _ in range(times):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
    seconds = time.perf_counter() - began
    used = cpu(family(pid)) - spent
    connection.close()
    return Cost(times / seconds, used / times * 1000)


def make_orders(app: Flask) -> str:
    """Bring the demo to 1,000 orders of five lines, of which some of the newest are invoiced. The address of one
    that is."""
    actor = tenants.process("installatie", "Meting")
    have = len(db.session.scalars(select(WorkOrder.id)).all())
    sites = db.session.execute(select(Location.id, Location.relation_id)).all()
    lines = tuple(line(description=f"Regel {n}", price=Decimal(n)) for n in range(1, 6))
    for n in range(ORDERS - have):
        site, customer = sites[n % len(sites)]
        make_order(actor, customer, "planned" if n % 3 == 0 else "done", lines, location_id=site, **NUMBERED)
    newest = select(WorkOrder.id, WorkOrder.state).order_by(*(key.desc() for key in BY_NUMBER)).limit(50)
    done = [row.id for row in db.session.execute(newest) if row.state == "done"]
    for order_id in done[:INVOICED]:
        press.approve(app.extensions["crafter"], actor, order_id)
    return f"/t/installatie/work-orders/{done[0]}"


def compare(pages: list[Page], ours: Server, bare: Server, cookie: str, args: argparse.Namespace) -> list[Figure]:
    """Ask in turns and print the table."""
    figures = []
    print(f"{'':18}{'of the bare page, req/s':>28}{'req/s':>8}{'bare':>8}{'cpu ms':>9}{'bare':>7}{'times':>7}")
    for page in pages:
        headers = {"Cookie": cookie, **(HTMX if page.htmx else {})}
        for (address, pid), path in ((ours, page.ours), (bare, page.bare)):
            ask(address, path, headers, 10, pid)
        rounds = []
        for _ in range(args.rounds):
            costs = [
                ask(*place[:1], path, headers, args.requests, place[1])
                for place, path in ((bare, page.bare), (ours, page.ours), (ours, page.ours), (bare, page.bare))
            ]
            rounds.append((both(costs[1], costs[2]), both(costs[0], costs[3])))
        shares = sorted(mine.per_second / theirs.per_second for mine, theirs in rounds)
        mine, theirs = (middle([pair[n] for pair in rounds]) for n in (0, 1))
        share = f"{statistics.median(shares):.1%} ({shares[0]:.1%} - {shares[-1]:.1%})"
        print(
            f"{page.name:18}{share:>28}{mine.per_second:8.0f}{theirs.per_second:8.0f}{mine.cpu_ms:9.2f}"
            f"{theirs.cpu_ms:7.2f}{mine.cpu_ms / theirs.cpu_ms:7.1f}",
            flush=True,
        )
        least = MUST if page.name == "list" else None
        beside = f"of the bare page's requests a second; processor {mine.cpu_ms / theirs.cpu_ms:.1f} x"
        figures.append(
            Figure(f"{page.name} beside a bare page", statistics.median(shares) * 100, "%", least=least, beside=beside)
        )
    return figures


def both(one: Cost, other: Cost) -> Cost:
    """Two blocks as one: the time they took together."""
    return Cost(2 / (1 / one.per_second + 1 / other.per_second), (one.cpu_ms + other.cpu_ms) / 2)


def middle(costs: list[Cost]) -> Cost:
    """The medians."""
    return Cost(statistics.median(c.per_second for c in costs), statistics.median(c.cpu_ms for c in costs))


def main(args: argparse.Namespace) -> list[Figure]:
    """Make the data, then measure."""
    with staged(args.database) as on:
        with on.inside():
            order = make_orders(on.app)
        list_ = "/t/installatie/work-orders/"
        pages = [
            Page("list", list_, "/"),
            Page("list, fragment", list_, "/", htmx=True),
            Page("order", order, "/one/500"),
            Page("start", "/t/installatie/", "/"),
            Page("help", "/t/installatie/help/", "/"),
        ]
        if args.profile:
            page = next(one for one in pages if one.name == args.profile)
            headers = {"Cookie": on.cookie, **(HTMX if page.htmx else {})}
            tell_shares(on.app, [page.ours] * (args.requests + 10), headers)
            return []
        with on.beside_bare() as (ours, bare):
            return compare(pages, ours, bare, on.cookie, args)


def measure(database: str, rounds: int, requests: int) -> list[Figure]:
    """The same, for who asks several things."""
    return main(argparse.Namespace(database=database, rounds=rounds, requests=requests, profile=None))


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = parser(__doc__)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--requests", type=int, default=60, help="of a block; a round has two of each")
    asked.add_argument("--profile", metavar="PAGE", help="tell where the time of one page goes, by its name")
    return asked.parse_args()


if __name__ == "__main__":
    main(arguments())
