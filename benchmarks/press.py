"""What a press on Gecontroleerd costs beside the barest transition in two commits.

python -m benchmarks.press [--database postgres] [--rounds N] [--presses N] [--profile]

Both run under gunicorn with the same processes and threads, on a database of the same kind that is as durable. Ours is
logged in, sends its CSRF token and the version that stood on the screen, and gets the strook back, as htmx does; each
press is of another order of five lines. One client, its connection kept open, asks in turns: bare, ours, ours, bare.
The bookkeeping is the sandbox behind a wire that takes the time: from a request to its answer is not ours, and is
subtracted. Ratios are of the middle and of the slowest twentieth of a round, and of processor time; what is printed is
the median of the rounds, with the lowest and highest behind it. `--profile` presses inside this process and tells
where the time goes.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlsplit

from sqlalchemy import select

from app import create_app
from benchmarks.figures import Figure, table
from benchmarks.profiling import tell_shares
from benchmarks.stage import NUMBERED, Server, parser, staged
from benchmarks.start_up import cpu, family
from models import Location
from services.company import tenants
from settings import from_environment
from tenancy.database import db
from tests.support.cast import line, make_order
from tests.support.client import HTMX
from tests.support.recorder import Recorder, recording

MOST = 8.0  # times the bare one, of the slowest twentieth
WARM = 12  # presses until every process has its session over there
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
Presses = Iterator[tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class Took:
    """One block: the seconds of each press, and the server's processor seconds for one."""

    each: tuple[float, ...]
    cpu: float

    def at(self, percent: int) -> float:
        """So many percent of the presses took at most this."""
        return statistics.quantiles(self.each, n=100, method="inclusive")[percent - 1]


MEASURES: dict[str, Callable[[Took], float]] = {
    "p50": lambda took: took.at(50),
    "p95": lambda took: took.at(95),
    "cpu": lambda took: took.cpu,
}


def press(place: Server, todo: Presses, times: int, elsewhere: Callable[[], float]) -> Took:
    """Press so many times over one connection; `elsewhere` tells the seconds spent over there so far."""
    (address, pid), each = place, []
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    spent = cpu(family(pid))
    for _ in range(times):
        path, headers = next(todo)
        began, there = time.perf_counter(), elsewhere()
        connection.request("POST", path, body="version=2", headers=headers)
        answer = connection.getresponse()
        said = answer.read().decode()
        each.append(time.perf_counter() - began - (elsewhere() - there))
        if answer.status != 200 or ("hx-partial" in said) != ("HX-Request" in headers):
            raise RuntimeError(f"{path} answered {answer.status}: {said[:2000]}")
    used = (cpu(family(pid)) - spent) / times
    connection.close()
    return Took(tuple(each), used)


def both(one: Took, other: Took) -> Took:
    """Two blocks as one."""
    return Took(one.each + other.each, (one.cpu + other.cpu) / 2)


def make_orders(many: int) -> list[str]:
    """So many executed orders of five lines: the addresses of their press."""
    actor = tenants.process("installatie", "Meting")
    site, customer = db.session.execute(select(Location.id, Location.relation_id)).first() or (None, None)
    lines = tuple(line(description=f"Regel {n}", price=Decimal(n)) for n in range(1, 6))
    ids = [make_order(actor, customer, lines=lines, location_id=site, **NUMBERED) for _ in range(many)]
    return [f"/t/installatie/work-orders/{order_id}/approve" for order_id in ids]


def compare(ours: Server, bare: Server, todo: Presses, wire: Recorder, args: argparse.Namespace) -> list[Figure]:
    """Press in turns."""
    moves = ((f"/one/{n}/move", FORM) for n in itertools.cycle(range(1, 1000)))

    def here(times: int) -> Took:
        return press(ours, todo, times, lambda: sum(wire.seconds))

    def there(times: int) -> Took:
        return press(bare, moves, times, lambda: 0.0)

    here(WARM), there(WARM)
    rounds = []
    for _ in range(args.rounds):
        first, mine, again, last = there(args.presses), here(args.presses), here(args.presses), there(args.presses)
        rounds.append((both(mine, again), both(first, last)))
    return [figure(name, of, rounds) for name, of in MEASURES.items()]


def figure(name: str, of: Callable[[Took], float], rounds: list[tuple[Took, Took]]) -> Figure:
    """The median ratio of the rounds; how low and high it was, and both sides in milliseconds."""
    times = sorted(of(mine) / of(theirs) for mine, theirs in rounds)
    mine, theirs = (statistics.median(of(pair[n]) for pair in rounds) * 1000 for n in (0, 1))
    beside = f"{times[0]:.1f} - {times[-1]:.1f}; {mine:.1f} ms beside {theirs:.1f}"
    most = MOST if name == "p95" else None
    return Figure(f"press beside a bare transition, {name}", statistics.median(times), most=most, beside=beside)


def main(args: argparse.Namespace) -> list[Figure]:
    """Make the data, then measure."""
    with staged(args.database) as on, recording(on.sandbox.soap_url) as wire:
        with on.inside():
            paths = make_orders(WARM + 2 * args.rounds * args.presses)
        headers = {"Cookie": on.cookie, "X-CSRFToken": on.signed.csrf, **FORM, **HTMX}
        there = {"EBOEKHOUDEN_URL": wire.url}
        if args.profile:
            app = create_app(from_environment(on.environment | there))
            tell_shares(app, paths, headers, "POST", data="version=2")
            return []
        with on.beside_bare(**there) as (ours, bare):
            return compare(ours, bare, ((path, headers) for path in paths), wire, args)


def measure(database: str, rounds: int, presses: int) -> list[Figure]:
    """The same, for who asks several things."""
    return main(argparse.Namespace(database=database, rounds=rounds, presses=presses, profile=False))


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    asked = parser(__doc__)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--presses", type=int, default=20, help="of a block; a round has two of each")
    asked.add_argument("--profile", action="store_true", help="tell where the time of a press goes")
    return asked.parse_args()


if __name__ == "__main__":
    figures = main(arguments())
    if figures:
        print(table(figures))
