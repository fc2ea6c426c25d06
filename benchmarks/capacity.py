"""`python -m benchmarks.capacity`: what a company costs, measured here, and what that comes to for many of them.

Processor time of the portal and of PostgreSQL for a page and a press is measured, on the demo's data. How much people
do in a day is assumed, and the rest is calculated.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text

from app import create_app
from demo.fill import fill
from models import WorkOrder
from services.company import tenants
from services.invoicing import press
from settings import from_environment
from tenancy.database import db
from tests.support.cast import cookie_for
from tests.support.client import HouseClient
from tests.support.postgres import OWNER, migrate, running_postgres
from tests.support.sandbox_process import running_sandbox
from tests.support.waiting import cpu_seconds

PAGES = ("", "planning/", "work-orders/", "relations/")
ROUNDS = 15
# what is assumed: pages and presses of a company in a day, the share of the busiest hour, and how full a core may be
PAGES_A_DAY, PRESSES_A_DAY, BUSIEST, FULL = 600, 25, 0.2, 0.5
SIZES = (1, 100, 1_000, 10_000, 100_000)


@dataclass(frozen=True)
class Cost:
    """Processor time in milliseconds: of the portal, and of the database."""

    portal: float
    database: float


def measured(work: Callable[[], object], times: int) -> Cost:
    """What one piece of work costs on both sides, over so many."""
    theirs, ours = database_seconds(), time.process_time()
    for _ in range(times):
        work()
    ours = time.process_time() - ours
    return Cost(ours * 1000 / times, (database_seconds() - theirs) * 1000 / times)


def database_seconds() -> float:
    """What all processes of the database have spent: a page may ask it by more than one connection."""
    backends = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    pids = list(db.session.scalars(backends))
    db.session.rollback()
    return sum(cpu_seconds(pid) for pid in pids)


def cores(tenants_: int, page: float, one_press: float) -> float:
    """How many cores the busiest hour of so many companies takes."""
    busy_ms = tenants_ * BUSIEST * (PAGES_A_DAY * page + PRESSES_A_DAY * one_press)
    return busy_ms / 3_600_000 / FULL


def main() -> None:
    """Measure, and print both tables."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(Path(folder)) as sandbox,
        running_postgres() as server,
    ):
        name = server.new()
        given = {"CRAFTER_ENV": "trial", "DATA": folder, "EBOEKHOUDEN_URL": sandbox.soap_url, "HTMX_SOURCE": "cdn"}
        migrate(from_environment(given | {"DATABASE_URL": server.url(name, OWNER)}))
        app = create_app(from_environment(given | {"DATABASE_URL": server.url(name)}))
        with app.app_context():
            fill(app.extensions["crafter"], lambda _text: None)
            signed = cookie_for("eigenaar@installatie.example", app.config["SECRET_KEY"])
            client = HouseClient(app, app.response_class)
            client.set_cookie("crafter_session", signed.token)
            addresses = [f"/t/installatie/{page}" for page in PAGES]
            for address in addresses:
                assert client.get(address).status_code == 200, address
            page = measured(lambda: [client.get(address) for address in addresses], ROUNDS)
            page = Cost(page.portal / len(addresses), page.database / len(addresses))
            actor = tenants.process("installatie", "Meting")
            ids = list(db.session.scalars(select(WorkOrder.id).where(WorkOrder.state == "done")))
            one_press = measured(lambda: _press(app.extensions["crafter"], actor, ids), len(ids))
            tenants.leave()
            db.engine.dispose()
        app.extensions["crafter"].bookkeeping.close()
    print(f"{'measured, ms of processor':28}{'portal':>10}{'database':>10}")
    print(f"{'a page':28}{page.portal:10.1f}{page.database:10.1f}")
    print(f"{'a press':28}{one_press.portal:10.1f}{one_press.database:10.1f}\n")
    print(f"{'companies':>10}{'pages/s':>10}{'presses/s':>10}{'portal cores':>14}{'database cores':>16}")
    for size in SIZES:
        pages, presses = (size * BUSIEST * one / 3600 for one in (PAGES_A_DAY, PRESSES_A_DAY))
        web, base = (
            cores(size, a, b) for a, b in ((page.portal, one_press.portal), (page.database, one_press.database))
        )
        print(f"{size:>10,}{pages:>10.1f}{presses:>10.1f}{web:>14.1f}{base:>16.1f}")


def _press(deps: object, actor: object, ids: list[object]) -> None:
    try:
        press.approve(deps, actor, ids.pop())  # type: ignore[arg-type]
    except (press.Blocked, press.Asked):  # some of the story wait for somebody
        return


if __name__ == "__main__":
    main()
