"""The queue: huey on SQLite by default, on Redis by setting. Its periodic tasks fire in every consumer and at every
start, so each round is written to be harmless when it runs twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab

from jobs import rounds
from jobs.lanes import Lanes
from oversight import logs, metrics
from services.dependencies import Dependencies

logger = logging.getLogger("crafter.worker")
WAKE = "wake_bulk"


def make_queue(url: str) -> Huey:
    """A huey from QUEUE_URL: sqlite:///path or redis://..."""
    if url.startswith("sqlite:///"):
        return SqliteHuey("crafter", filename=url.removeprefix("sqlite:///"), fsync=True)
    if urlsplit(url).scheme in {"redis", "rediss"}:
        return RedisHuey("crafter", url=url)  # needs the redis package; huey says so when it is missing
    raise SystemExit(f"QUEUE_URL must begin with sqlite:/// or redis://, not {url.partition(':')[0]!r}")


def waker(url: str) -> Callable[[int], None]:
    """What a web process calls to wake the worker for a tenant's bulk jobs. It never raises: a lost wake-up only costs
    time, for the worker looks every minute. The queue is opened at the first call, after the server forked."""
    opened: list[Callable[[int], object]] = []

    def wake(tenant_id: int) -> None:
        try:
            if not opened:
                opened.append(_wake_task(make_queue(url), lambda _tenant_id: None))
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


def _wake_task(queue: Huey, work: Callable[[int], None]) -> Callable[[int], object]:
    """The task under the one name that both sides know."""

    def wake_bulk(tenant_id: int) -> None:
        work(tenant_id)

    task: Callable[[int], object] = queue.task(name=WAKE)(wake_bulk)
    return task


def schedule(queue: Huey, app: Flask, deps: Dependencies) -> Lanes:
    """Register the rounds and the wake-up. Returns the lanes of bulk jobs, to close at the end."""
    lanes = Lanes(app, deps)
    _wake_task(queue, lanes.start)

    def within_app(work: Callable[[Dependencies], None]) -> Callable[[], None]:
        def run() -> None:
            began = time.perf_counter()
            logs.fresh()
            logs.bind(round=work.__name__)
            with app.app_context():
                work(deps)
            metrics.round_done(work.__name__)
            logs.get("crafter.worker").info("round", ms=round((time.perf_counter() - began) * 1000, 1))

        run.__name__ = work.__name__
        return run

    queue.periodic_task(crontab(minute="*"), name="every_minute")(within_app(rounds.every_minute))
    queue.periodic_task(crontab(minute="7"), name="every_hour")(within_app(rounds.every_hour))
    # 02:00 to 05:00 in the Netherlands, in winter and in summer
    queue.periodic_task(crontab(minute="*/10", hour="1-3"), name="every_night")(within_app(rounds.every_night))
    queue.periodic_task(crontab(minute="*"), name="every_bulk_job")(lanes.start_all)
    return lanes
