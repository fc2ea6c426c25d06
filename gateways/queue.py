"""The queue between the portal and the worker: huey on SQLite by default, on Redis by setting."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from huey import Huey

logger = logging.getLogger("crafter.worker")
WAKE = "wake_bulk"
_left_out: set[str] = set()  # drivers that huey was not let find


def make_queue(url: str) -> Huey:
    """A huey from QUEUE_URL: sqlite:///path or redis://..."""
    if url.startswith("sqlite:///"):
        return _huey(url).SqliteHuey("crafter", filename=url.removeprefix("sqlite:///"), fsync=True)
    if _on_redis(url):
        return _huey(url).RedisHuey("crafter", url=url)  # needs the redis package; huey says so when it is missing
    raise SystemExit(f"QUEUE_URL must begin with sqlite:/// or redis://, not {url.partition(':')[0]!r}")


def _on_redis(url: str) -> bool:
    return urlsplit(url).scheme in {"redis", "rediss"}


def _huey(url: str) -> Any:
    """huey reads in the driver of every database that it could keep a queue in, 11 MB in each process. It finds only
    those that this queue needs, and is read in anew when a later queue of the process needs another."""
    if _on_redis(url) and "redis" in _left_out:
        for name in [name for name in sys.modules if name.partition(".")[0] == "huey"]:
            del sys.modules[name]
    if "huey" not in sys.modules:
        hidden = {"psycopg", *(() if _on_redis(url) else ("redis",))} - sys.modules.keys()
        sys.modules.update(dict.fromkeys(hidden))  # None there: as if it were not installed
        try:
            import huey  # noqa: F401
        finally:
            for name in hidden:
                del sys.modules[name]
        _left_out.clear()
        _left_out.update(hidden)
    return sys.modules["huey"]


def waker(url: str) -> Callable[[int], None]:
    """What a web process calls to wake the worker for a tenant's bulk jobs. It never raises: a lost wake-up only costs
    time, for the worker looks every minute. The queue is opened at the first call, after the server forked."""
    _huey(url)  # before the server forks, and while no other thread may be importing
    opened: list[Callable[[int], object]] = []

    def wake(tenant_id: int) -> None:
        try:
            if not opened:
                opened.append(wake_task(make_queue(url), lambda _tenant_id: None))
            opened[0](tenant_id)
        except (Exception, SystemExit):
            logger.warning("the worker could not be woken; it looks by itself within a minute", exc_info=True)

    return wake


def measure(url: str) -> Callable[[], int]:
    """What tells how many tasks wait. It raises when the queue cannot be reached; opened at the first call."""
    opened: list[Huey] = []

    def length() -> int:
        if not opened:
            opened.append(make_queue(url))
        return int(opened[0].pending_count())

    return length


def wake_task(queue: Huey, work: Callable[[int], None]) -> Callable[[int], object]:
    """The task under the one name that both sides know."""

    def wake_bulk(tenant_id: int) -> None:
        work(tenant_id)

    task: Callable[[int], object] = queue.task(name=WAKE)(wake_bulk)
    return task
