"""What other people's pages take while eight presses hang on a dead far side.

python -m benchmarks.hanging [--database postgres]

The portal runs under gunicorn as in production. Eight people press *Gecontroleerd* at once; the bookkeeping takes their
connections and says nothing. The order list and a help page are asked one after another, first while nothing happens,
then for as long as presses hang. How many did, and for how long, is told as well: two calls of one administration go on
in each process, and the others hear at once that it is busy.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from flask_migrate import upgrade
from sqlalchemy import select

from app import create_app
from benchmarks.beside import for_seconds, tell, waits
from benchmarks.figures import Figure
from benchmarks.list_page import databases, grant_to_app
from benchmarks.start_up import served
from demo.fill import fill
from models import Location
from services.company import tenants
from settings import from_environment
from tenancy.database import db
from tests.support.cast import cookie_for, make_order
from tests.support.client import HTMX
from tests.support.sandbox_process import running_sandbox

PRESSES = 8
IDLE_SECONDS = 20.0
HANGS = 5.0  # seconds: a press that takes longer hung


class Presses:
    """Eight people, each with an order of their own."""

    def __init__(self, address: str, headers: dict[str, str], orders: list[UUID]) -> None:
        self._address, self._headers = address, headers
        self.seconds: list[float] = []
        self.threads = [threading.Thread(target=self._press, args=(order,), daemon=True) for order in orders]

    def go_on(self) -> bool:
        """Whether one of them still waits."""
        return any(thread.is_alive() for thread in self.threads)

    def _press(self, order: UUID) -> None:
        began = time.monotonic()
        connection = http.client.HTTPConnection(urlsplit(self._address).netloc)
        connection.request("POST", f"/t/installatie/work-orders/{order}/approve", headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status >= 500:
            raise RuntimeError(f"a press answered {answer.status}")
        self.seconds.append(time.monotonic() - began)


def measure(database: str) -> list[Figure]:
    """Make the data, then measure."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(Path(folder)) as sandbox,
        databases(database, Path(folder)) as (owner, url, _),
        socket.create_server(("127.0.0.1", 0), backlog=64) as dead,
    ):
        wanted = {"DATA": folder, "EBOEKHOUDEN_URL": sandbox.soap_url, "DATABASE_URL": url}
        with create_app(from_environment({**wanted, "DATABASE_URL": owner})).app_context():
            upgrade()
            if owner != url:
                grant_to_app()
        app = create_app(from_environment(wanted))
        with app.app_context():
            fill(app.extensions["crafter"], lambda _text: None)
            orders = executed()
            signed = cookie_for("eigenaar@installatie.example", app.config["SECRET_KEY"])
            db.session.remove()
            db.engine.dispose()
        cookie = f"crafter_session={signed.token}"
        far = f"http://127.0.0.1:{dead.getsockname()[1]}/soap.asmx"
        with served([], os.environ | wanted | {"EBOEKHOUDEN_URL": far}) as (address, _pid, _start):
            waits(address, cookie, for_seconds(3))
            idle = waits(address, cookie, for_seconds(IDLE_SECONDS))
            presses = Presses(address, {"Cookie": cookie, "X-CSRFToken": signed.csrf, **HTMX}, orders)
            for thread in presses.threads:
                thread.start()
            busy = waits(address, cookie, presses.go_on)
        hung = [seconds for seconds in presses.seconds if seconds > HANGS]
        print(f"{len(presses.seconds)} presses answered, {len(hung)} hung, the longest {max(presses.seconds):.1f} s")
        return tell(idle, busy, "while presses hang")


def executed() -> list[UUID]:
    """Orders that can be pressed."""
    actor = tenants.process("installatie", "Meting")
    site, customer = db.session.execute(select(Location.id, Location.relation_id)).first() or (None, None)
    assert customer
    return [make_order(actor, customer, "done", location_id=site) for _ in range(PRESSES)]


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    measure(arguments().database)
"""+"""
