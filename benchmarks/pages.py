"""What a page and a press cost, as multiples of the cheapest answer (/readyz) in the same run.

python -m benchmarks.pages. The app runs in this process on a copy of the demo's data; the press goes over real SOAP to
a sandbox of its own.

It borrows client, login and sandbox from tests/support: what is measured is what the tests press. Neither is part of
the product; tests/architecture/test_source.py holds that nothing of it imports them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from benchmarks.figures import Figure, table
from demo.fill import fill
from models import WorkOrder
from services.company import tenants
from services.invoicing import press as invoicing
from settings import from_environment
from tenancy.database import db
from tests.support.cast import cookie_for
from tests.support.client import HouseClient
from tests.support.sandbox_process import running_sandbox

PAGES = {
    "login page": "/login",
    "start": "/t/installatie/",
    "planning": "/t/installatie/planning/",
    "work orders": "/t/installatie/work-orders/",
    "relations": "/t/installatie/relations/",
    "articles": "/t/installatie/articles/",
    "log": "/t/installatie/settings/history",
}
ROUNDS = 30


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """The median time of some work in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Ask every page so often."""
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox:
        environment = {
            "CRAFTER_ENV": "trial",
            "DATA": folder,
            "EBOEKHOUDEN_URL": sandbox.soap_url,
            "HTMX_SOURCE": "cdn",
        }
        app = create_app(from_environment(environment))
        with app.app_context():
            upgrade()
            fill(app.extensions["crafter"], lambda _text: None)
            client = HouseClient(app, app.response_class)
            signed = cookie_for("eigenaar@installatie.example", app.config["SECRET_KEY"])
            times = {"readyz": median_ms(lambda: client.get("/readyz"), rounds)}
            for name, path in PAGES.items():
                if name != "login page":
                    client.set_cookie("crafter_session", signed.token)
                times[name] = median_ms(lambda path=path: client.get(path), rounds)
            times["Gecontroleerd (press)"] = _press_ms(app)
            tenants.leave()
            db.engine.dispose()
    base = times.pop("readyz")
    return [Figure(name, ms / base, beside=f"{ms:.2f} ms; x /readyz") for name, ms in times.items()]


def _press_ms(app: Flask) -> float:
    deps = app.extensions["crafter"]
    actor = tenants.process("installatie", "Meting")
    times = []
    for order_id in db.session.scalars(select(WorkOrder.id).where(WorkOrder.state == "done")).all():
        start = time.perf_counter()
        try:
            invoicing.approve(deps, actor, order_id)
        except (invoicing.Blocked, invoicing.Asked):
            continue
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    print(table(measure()))
