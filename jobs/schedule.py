"""What the worker does when: the rounds, and bulk jobs when it is woken. Periodic tasks fire in every consumer and at
every start, so each round is written to be harmless when it runs twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask

from gateways.queue import wake_task
from jobs import rounds
from jobs.lanes import Lanes
from jobs.patience import Patience
from oversight import logs, metrics
from services.dependencies import Dependencies

if TYPE_CHECKING:
    from huey import Huey

DAY = range(5, 17)  # hours in UTC: from 07:00 in the Netherlands in summer on, into the afternoon for a late worker
NIGHT = range(1, 4)  # hours in UTC: between 02:00 and 06:00 in the Netherlands, in winter and in summer


def schedule(queue: Huey, app: Flask, deps: Dependencies, patience: Patience) -> Lanes:
    """Register the rounds and the wake-up. Returns the lanes of bulk jobs, to close at the end."""
    from huey import crontab  # who made the queue has it (gateways/queue.py)

    lanes = Lanes(app, deps)
    wake_task(queue, lanes.start)

    def within_app(work: Callable[[Dependencies], None]) -> Callable[[], None]:
        def run() -> None:
            began = time.perf_counter()
            logs.clear()
            logs.bind(round=work.__name__)
            with app.app_context():
                try:
                    work(deps)
                except Exception as error:
                    if not patience.waits(error):
                        raise
                    return  # the next round tries again
            patience.goes_on()
            metrics.round_done(work.__name__)
            logs.get("crafter.worker").info("round", ms=round((time.perf_counter() - began) * 1000, 1))

        run.__name__ = work.__name__
        return run

    def every_night(deps: Dependencies) -> None:
        now = datetime.now(UTC)
        rounds.every_night(deps, (now.hour - NIGHT.start) * 6 + now.minute // 10 + 1)

    queue.periodic_task(crontab(minute="*"), name="every_minute")(within_app(rounds.every_minute))
    queue.periodic_task(crontab(minute="7"), name="every_hour")(within_app(rounds.every_hour))
    queue.periodic_task(crontab(minute="*/10", hour=f"{DAY.start}-{DAY.stop - 1}"), name="every_morning")(
        within_app(rounds.every_morning)
    )
    queue.periodic_task(crontab(minute="*/10", hour=f"{NIGHT.start}-{NIGHT.stop - 1}"), name="every_night")(
        within_app(every_night)
    )

    def every_backup(deps: Dependencies) -> None:
        rounds.every_backup(deps, datetime.now(UTC).hour in NIGHT)

    queue.periodic_task(crontab(minute="*/10"), name="every_backup")(within_app(every_backup))

    def every_bulk_job(_deps: Dependencies) -> None:
        lanes.start_all()

    queue.periodic_task(crontab(minute="*"), name="every_bulk_job")(within_app(every_bulk_job))
    return lanes
