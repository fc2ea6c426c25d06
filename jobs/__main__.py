"""`python -m jobs`: the worker. First settles what was interrupted, then waits for its rounds. What it needs may come
later, or go away for a while: it waits for that too."""

from __future__ import annotations

import logging
from dataclasses import replace

import data_folder
from app import create_app
from gateways.queue import make_queue
from jobs import rounds
from jobs.lanes import CALL_PATIENCE, CALLS_AT_ONCE, CALLS_EACH
from jobs.patience import Patience, SaidOnce
from jobs.schedule import schedule
from oversight import logs
from services import heartbeat
from settings import Settings, from_environment


def main(settings: Settings | None = None) -> None:
    """Run until TERM or INT; a round under way is finished first. Settings from the environment when none are given."""
    data_folder.write_for_us_alone()
    settings = settings or from_environment()
    logs.configure(readable=settings.demo)
    at_once, each = max(settings.soap_calls_at_once, CALLS_AT_ONCE), max(settings.soap_calls_each, CALLS_EACH)
    wide = replace(settings, soap_calls_at_once=at_once, soap_calls_each=each, soap_patience=CALL_PATIENCE)
    patience = Patience()
    app = patience.until_there(lambda: create_app(wide, pages=False))
    deps = app.extensions["crafter"]
    over = heartbeat.keep_beating(heartbeat.WORKER, app.app_context, settings.times.away)
    with app.app_context():
        patience.until_there(lambda: rounds.every_minute(deps))
        queue = patience.until_there(lambda: make_queue(deps.settings.queue_url))
        lanes = schedule(queue, app, deps, patience)
        patience.until_there(lanes.start_all)
    logging.getLogger("huey.consumer").addFilter(SaidOnce())
    logging.getLogger("huey.consumer.Worker").addFilter(SaidOnce())
    logging.getLogger("huey.consumer.Scheduler").addFilter(SaidOnce())
    consumer = queue.create_consumer(
        workers=2, worker_type="thread", periodic=True, initial_delay=0.1, max_delay=0.5, graceful_signal="TERM",
        shutdown_timeout=30,
    )  # fmt: skip
    try:
        consumer.run()
    finally:
        lanes.close()
        over.set()


if __name__ == "__main__":
    main()
