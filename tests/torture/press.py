"""Programs of their own, to be killed: a press (`python -m tests.torture.press DATABASE SOAP FOLDER TENANT ORDER`), the
worker (`… worker DATABASE SOAP FOLDER QUEUE`), a portal."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from flask import Flask

from app import create_app
from jobs import __main__ as jobs
from services import heartbeat
from services.company import tenants
from services.invoicing import press
from tests.torture.stage import PATIENT, ROOMY, settings_for


def main(database: str, soap: str, folder: str, tenant: str, order: str) -> None:
    """Build the app and press *Gecontroleerd*; prints the posting's state."""
    app = create_app(settings_for(database, soap, Path(folder), PATIENT))
    with app.app_context():
        actor = tenants.process(tenant, "Drukker")
        print(press.approve(app.extensions["crafter"], actor, UUID(order)).state)


def portal(database: str, soap: str, folder: str, away: float = 0, every: float = 0) -> Flask:
    """The whole app for gunicorn, with patient times. `away`: after so many seconds without a sign of anybody the
    database may be an older copy, and as nobody is killed then, no time of it runs out because the machine is full;
    `every`: seconds between two signs. 0: as in production."""
    times = replace(ROOMY, away=timedelta(seconds=away)) if away else PATIENT
    if every:
        heartbeat.EVERY = heartbeat.AGAIN = every
    return create_app(settings_for(database, soap, Path(folder), times))


def worker(database: str, soap: str, folder: str, queue_url: str) -> None:
    """The worker, with patient times; leaves a mark in the folder before it begins to listen."""
    settings = replace(settings_for(database, soap, Path(folder), PATIENT), queue_url=queue_url)
    Path(folder, "worker.ready").touch()
    jobs.main(settings)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        worker(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
