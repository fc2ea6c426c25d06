"""What every page costs with a history of years, beside the same page at 1,000 orders.

python -m benchmarks.size [--database postgres] [--orders N] [--rounds N] [--keep FOLDER] [--only WORD]

Two installations in this process, as large as `tests/support/large.py` makes them: 1,000 orders, customers and
articles, and N orders (100,000 when not said) with a tenth as many customers and articles, three lines and two entries
of the log for each order, among 200 companies. Every page and view of `tests/cost/asked.py`, and its fragment where
htmx gets another answer, is asked as owner, in turns: small, large, large, small. What counts is processor time, of the
portal and of the database together: a busy machine changes little of it. A ratio is of the p95 of the large one to that
of the small one (behind it: of the medians); an export and a week of the planning count per line of the answer. What
takes long is asked less often. `--keep`: both are kept in a folder, and used again until the tables change.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, table
from benchmarks.years import Installation, installations
from tests.cost.asked import addresses
from tests.support.large import Size

SMALL = 1_000
STEADY = ("work_orders.list_", "work_orders.show", "start.show", "help.index", "help.topic")  # what everybody opens
BY_LINE = ("export", "planning.show ?")  # as long as what they show
LONG = 20_000.0  # ms that one page may be asked for
KINDS = {"list, order, start, help": 1.2, "other pages, views and searches": 2.0, "exports, a row": 2.0}
EXISTING = {"q=R0010": "q=R0001", "q=A0002": "q=A0001"}  # codes of which a hundred are there at 1,000 too


@dataclass(frozen=True)
class Ratio:
    """A page at both sizes: its p95 in ms, the ratios, and how much longer the answer is."""

    name: str
    kind: str
    small: float
    large: float
    p95: float
    median: float
    longer: float

    @property
    def most(self) -> float:
        """What is wanted."""
        return KINDS[self.kind]


def asked(one: Installation) -> dict[str, str]:
    """The addresses by name; words are such that 1,000 orders have them too."""
    found = {}
    for name, address in addresses(one.grown):
        for word, there in EXISTING.items():
            address = address.replace(word, there)
        found[name] = address
    return found


def kind_of(name: str) -> str:
    """What is wanted of a page."""
    steady, others, exports = KINDS
    if "export" in name:
        return exports
    return steady if name.split()[0].split("?")[0] in STEADY and "?" not in name else others


def compared(small: Installation, grown: Installation, rounds: int, only: str) -> Iterator[Ratio | str]:
    """Every page at both sizes; in words, why one was not asked."""
    both = (small, grown)
    where = [asked(one) for one in both]
    for name in where[0]:
        if only not in name:
            continue
        small.log_in(), grown.log_in()
        there = [one.took(at[name], False) for one, at in zip(both, where, strict=True)]
        if {status for _ms, status, _body in there} - {200, 204}:
            yield f"not asked: {name} answers {[status for _ms, status, _body in there]}"
            continue
        yield _compared(name, both, (where[0][name], where[1][name]), False, rounds)
        if there[0][0] < LONG / 100 and small.took(where[0][name], True)[2] != there[0][2]:
            yield _compared(name, both, (where[0][name], where[1][name]), True, rounds)


def _compared(
    name: str, both: tuple[Installation, Installation], where: tuple[str, str], htmx: bool, rounds: int
) -> Ratio:
    times: tuple[list[float], list[float]] = ([], [])
    lengths = [0, 0]
    by_line = any(part in name for part in BY_LINE)

    def ask(n: int) -> float:
        ms, _status, body = both[n].took(where[n], htmx)
        lengths[n] = len(body)
        times[n].append(ms / max(body.count(b"\n"), 1) if by_line else ms)
        return ms

    taken = ask(0) + ask(1)
    if taken < LONG / 4:
        times[0].clear(), times[1].clear()
        for _ in range(max(1, min(rounds, int(LONG / taken / 2)))):
            for n in (0, 1, 1, 0):
                ask(n)
    slow = [statistics.quantiles(one, n=20, method="inclusive")[-1] if len(one) > 1 else one[0] for one in times]
    middle = [statistics.median(one) for one in times]
    full = name + (", fragment" if htmx else "")
    return Ratio(full, kind_of(name), slow[0], slow[1], slow[1] / slow[0], middle[1] / middle[0],
                 lengths[1] / max(lengths[0], 1))  # fmt: skip


def measure(
    database: str, orders: int, rounds: int, told: Callable[[str], None] = lambda _line: None,
    keep: Path | None = None, only: str = "",
) -> list[Figure]:  # fmt: skip
    """Make both and compare; the slowest page of each kind is told."""
    sizes = [Size(SMALL, 2, SMALL, SMALL), Size(orders, 2, max(orders // 10, SMALL), SMALL)]
    ratios = []
    with contextlib.ExitStack() as until_the_end:
        folder = keep or Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        small, grown = until_the_end.enter_context(installations(database, folder, sizes, told))
        for one in compared(small, grown, rounds, only):
            told(one if isinstance(one, str) else _line(one))
            if isinstance(one, Ratio):
                ratios.append(one)
    return [_worst(kind, orders, ratios) for kind in KINDS if any(one.kind == kind for one in ratios)]


def _line(one: Ratio) -> str:
    kept = "" if one.p95 <= one.most else "  NOT reached"
    longer = f", {one.longer:.1f} x as long" if one.longer > 1.2 else ""
    ratio = f"{one.p95:7.2f} x ({one.median:.2f})  at most {one.most}{kept}{longer}"
    return f"{one.name:70}{one.small:10.3f}{one.large:10.3f}{ratio}"


def _worst(kind: str, orders: int, ratios: list[Ratio]) -> Figure:
    those = [one for one in ratios if one.kind == kind]
    worst, kept = max(those, key=lambda one: one.p95), sum(one.p95 <= one.most for one in those)
    beside = f"{kept} of {len(those)} keep to it; slowest: {worst.name} (medians: {worst.median:.2f} x)"
    return Figure(f"{kind}, {orders:,} orders", worst.p95, most=KINDS[kind], beside=beside)


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="", help="pages with this in their name")
    return parser.parse_args()


def say(line: str) -> None:
    """To who started it, at once."""
    print(line, flush=True)


if __name__ == "__main__":
    given = arguments()
    say(table(measure(given.database, given.orders, given.rounds, say, given.keep, given.only)))
