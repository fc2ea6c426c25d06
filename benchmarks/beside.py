"""What other people's pages take while something else goes on: asked one after another over one connection."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from benchmarks.figures import Figure

PAGES = {"list": "/t/installatie/work-orders/", "help": "/t/installatie/help/"}


def waits(address: str, cookie: str, going_on: Callable[[], bool]) -> dict[str, list[float]]:
    """Milliseconds of each page, asked in turns as long as `going_on` says so. Raises RuntimeError for one that is not
    answered as it should be."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    while going_on():
        for name, path in PAGES.items():
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            found[name].append((time.perf_counter() - began) * 1000)
    connection.close()
    return found


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Going on for so long."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def tell(idle: dict[str, list[float]], busy: dict[str, list[float]], what: str) -> list[Figure]:
    """Print median and 99th of a hundred, idle and meanwhile; what is wanted is of the latter."""
    figures = []
    print(f"{'ms':8}{'p50 idle':>10}{what:>16}{'p99 idle':>10}{what:>16}{'p99 times':>11}{'asked':>8}")
    for name in PAGES:
        rest, work = (sorted(times[name]) for times in (idle, busy))
        middle, last = ([times[int(len(times) * share)] for times in (rest, work)] for share in (0.5, 0.99))
        print(
            f"{name:8}{middle[0]:10.1f}{middle[1]:16.1f}{last[0]:10.1f}{last[1]:16.1f}{last[1] / last[0]:11.2f}"
            f"{len(work):8}"
        )
        beside = f"p99 {last[1]:.0f} ms, idle {last[0]:.0f} ms"
        figures.append(Figure(f"{name} page {what}, x idle", last[1] / last[0], most=2, beside=beside))
    return figures
