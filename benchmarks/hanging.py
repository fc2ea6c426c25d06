"""What other people's pages take while eight presses hang on a dead far side.

python -m benchmarks.hanging [--database postgres]

The portal runs under gunicorn as in production. Eight people press *Gecontroleerd* at once; the bookkeeping takes their
connections and says nothing. The order list and a help page are asked one after another, first while nothing happens,
then for as long as presses hang. How many did, and for how long, is told as well: two calls of one administration go on
in each process, and the others hear at once that it is busy.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from benchmarks.beside import for_seconds, tell, waits
from benchmarks.figures import Figure
from benchmarks.stage import NUMBERED, parser, staged
from benchmarks.start_up import served
from models import Location
from services.company import tenants
from tenancy.database import db
from tests.support.cast import make_order
from tests.support.client import HTMX

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
    with staged(database) as on, socket.create_server(("127.0.0.1", 0), backlog=64) as dead:
        with on.inside():
            orders = executed()
        far = f"http://127.0.0.1:{dead.getsockname()[1]}/soap.asmx"
        with served([], on.environment | {"EBOEKHOUDEN_URL": far}) as (address, _pid, _start):
            waits(address, on.cookie, for_seconds(3))
            idle = waits(address, on.cookie, for_seconds(IDLE_SECONDS))
            presses = Presses(address, {"Cookie": on.cookie, "X-CSRFToken": on.signed.csrf, **HTMX}, orders)
            for thread in presses.threads:
                thread.start()
            busy = waits(address, on.cookie, presses.go_on)
        hung = [seconds for seconds in presses.seconds if seconds > HANGS]
        print(f"{len(presses.seconds)} presses answered, {len(hung)} hung, the longest {max(presses.seconds):.1f} s")
        return tell(idle, busy, "while presses hang")


def executed() -> list[UUID]:
    """Orders that can be pressed."""
    actor = tenants.process("installatie", "Meting")
    site, customer = db.session.execute(select(Location.id, Location.relation_id)).first() or (None, None)
    assert customer
    return [make_order(actor, customer, "done", location_id=site, **NUMBERED) for _ in range(PRESSES)]


if __name__ == "__main__":
    measure(parser(__doc__).parse_args().database)
