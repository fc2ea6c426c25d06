"""The queue: huey on SQLite by default, on Redis by setting. Its periodic tasks fire in every consumer and at every
start, so each round is written to be harmless when it runs twice."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab

from jobs import rounds
from services.parts import Parts


def make_queue(url: str) -> Huey:
    """A huey from QUEUE_URL: sqlite:///path or redis://..."""
    if url.startswith("sqlite:///"):
        return SqliteHuey("crafter", filename=url.removeprefix("sqlite:///"), fsync=True)
    if urlsplit(url).scheme in {"redis", "rediss"}:
        return RedisHuey("crafter", url=url)  # needs the redis package; huey says so when it is missing
    raise SystemExit(f"QUEUE_URL must begin with sqlite:/// or redis://, not {url.partition(':')[0]!r}")


def schedule(queue: Huey, app: Flask, parts: Parts) -> None:
    """Register the rounds."""

    def within_app(work: Callable[[Parts], None]) -> Callable[[], None]:
        def run() -> None:
            with app.app_context():
                work(parts)

        run.__name__ = work.__name__
        return run

    queue.periodic_task(crontab(minute="*"), name="every_minute")(within_app(rounds.every_minute))
    queue.periodic_task(crontab(minute="7"), name="every_hour")(within_app(rounds.every_hour))
    # 02:00 to 05:00 in the Netherlands, in winter and in summer
    queue.periodic_task(crontab(minute="*/10", hour="1-3"), name="every_night")(within_app(rounds.every_night))
