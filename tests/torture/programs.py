"""The real programs, killed: the portal under gunicorn in the middle of a press, `python -m jobs` in bulk work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from domain import bulk as rules
from gateways.queue import waker
from models import BulkJob, WorkOrder
from services.company import tenants
from services.invoicing import bulk
from tenancy.database import db
from tests.support.cast import cookie_for
from tests.torture.lane import Runner, Tally
from tests.torture.stage import Child, Lane

ROOT = Path(__file__).parents[2]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_START_SECONDS = 90
_SECONDS = 60
# A worker's commits count from its start: its first rounds, then for every order taking it, the intent, the outcome
# and what became of it.
WORKER_POINTS = (
    "AddFactuur.before_first_byte:2",
    "AddFactuur.mid_request:2",
    "AddFactuur.after_last_byte:2",
    "AddFactuur.mid_answer:2",
    "AddFactuur.after_answer:2",
    *(f"{side}_commit:{number}" for number in range(2, 9) for side in ("before", "after")),
)


@dataclass(frozen=True)
class Portal:
    """A portal that runs: where, and its programs (gunicorn's own and the one that serves)."""

    url: str
    running: subprocess.Popen[bytes]

    def signal(self, number: int) -> None:
        """A signal to all of its programs."""
        os.killpg(self.running.pid, number)


@contextmanager
def portal(lane: Lane, crash: str = "", away: float = 0, every: float = 0) -> Iterator[Portal]:
    """The portal under gunicorn with one worker process on a lane's database; `away` and `every` as in press.portal."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = lane.deps.settings
    place = (settings.database_url, lane.sandbox.soap_url, str(settings.data), away, every)
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4", "--log-level", "critical"]
    running = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", f"tests.torture.press:portal{place!r}"],
        cwd=ROOT,
        env={**os.environ, "CRAFTER_ENV": "trial", "CRAFTER_CRASH_AT": crash},
        start_new_session=True,
    )
    try:
        yield Portal(f"http://127.0.0.1:{port}", running)
    finally:
        running.terminate()
        running.wait(30)


def signed_in(lane: Lane) -> list[str]:
    """Cookie and CSRF token of the lane's owner."""
    with lane.app.app_context():
        made = cookie_for(f"owner@{lane.slug}.example", lane.app.config["SECRET_KEY"])
        return [made.token, made.csrf]


def ask(url: str, signed: list[str], method: str) -> int:
    """One request; its status, 0 when the connection broke."""
    headers = {"Cookie": f"crafter_session={signed[0]}", "X-CSRFToken": signed[1], "HX-Request": "true"}
    request = urllib.request.Request(url, method=method, headers=headers, data=b"" if method == "POST" else None)
    try:
        with _OPENER.open(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, ConnectionError):
        return 0


def wait_for(url: str, signed: list[str]) -> None:
    """Wait until it answers."""
    deadline = time.monotonic() + _START_SECONDS
    while ask(url, signed, "GET") != 200:
        assert time.monotonic() < deadline, "the portal does not answer"
        time.sleep(0.2)


def start_bulk(lane: Lane, order_ids: list[str], queue_url: str) -> None:
    """Make a job of the orders and wake the worker for it, as the portal does."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Kantoor")
        query = select(WorkOrder.id, WorkOrder.version).where(WorkOrder.id.in_([UUID(one) for one in order_ids]))
        wanted = [tuple(row) for row in db.session.execute(query)]
        bulk.start(lane.deps, actor, wanted)
        waker(queue_url)(actor.tenant_id)


def job_state(lane: Lane) -> str:
    """How the lane's running job stands."""
    with lane.app.app_context():
        tenants.process(lane.slug, "Kijker")
        return db.session.scalars(select(BulkJob.state).order_by(BulkJob.started_at.desc()).limit(1)).one()


def asked(lane: Lane) -> str:
    """The same, from a process of its own."""
    return str(Child(partial(job_state, lane)).end().value)


@contextmanager
def worker(lane: Lane, queue_url: str, crash: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """`python -m jobs` on a lane's database."""
    settings = lane.deps.settings
    place = [settings.database_url, lane.sandbox.soap_url, str(settings.data), queue_url]
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.torture.press", "worker", *place],
        cwd=ROOT,
        env={**os.environ, "CRAFTER_ENV": "trial", "CRAFTER_CRASH_AT": crash},
    )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
        running.wait(60)


def until(happened: Callable[[], bool], seconds: float = _SECONDS) -> bool:
    """Wait for it; whether it happened in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return False


def kill_portal(lane: Lane, runner: Runner, point: str) -> tuple[str, Tally]:
    """Press in the portal, which is killed at a point and comes back; then recover. Returns the state the posting was
    left in (empty when there was none) and the faults; the lane's runner holds both sides against each other later."""
    (order_id,) = runner.make_orders(1)
    signed = Child(partial(signed_in, lane)).end().value
    tally = Tally()
    with portal(lane, point) as here:
        page = f"{here.url}/t/{lane.slug}/work-orders/{order_id}"
        wait_for(page, signed)
        tally.presses += 1
        if ask(f"{page}/approve", signed, "POST") == 0:
            tally.faults[f"gunicorn killed at {point}"] += 1
        wait_for(page, signed)  # gunicorn started another worker, which counts afresh
        state = runner.look([order_id])["orders"][order_id]["state"]
    runner.settle([order_id], tally)
    return state, tally


def kill_worker(lane: Lane, runner: Runner, point: str, queue_url: str, orders: int = 2) -> Tally:
    """A bulk job whose worker is killed at a point and started again until the job is done; the faults."""
    order_ids = runner.make_orders(orders)
    made = Child(partial(start_bulk, lane, order_ids, queue_url)).end()
    tally = Tally(problems=[made.error] if made.error else [])
    with worker(lane, queue_url, point) as running:
        until(lambda: running.poll() is not None or asked(lane) == rules.FINISHED)
        if running.poll() == -signal.SIGKILL:
            tally.faults[f"worker killed at {point}"] += 1
    finish(lane, queue_url)
    if asked(lane) != rules.FINISHED:
        tally.problems.append(f"{lane.slug}: the job is not finished after a kill at {point}")
    runner.settle(order_ids, tally)
    return tally


def finish(lane: Lane, queue_url: str) -> None:
    """Start the worker until the job is done: what was killed is taken again when its lease is over, and every start
    looks for it."""
    for _ in range(12):  # on a busy machine one that has only just come up may be ended again
        if asked(lane) == rules.FINISHED:
            return
        with worker(lane, queue_url):
            until(lambda: asked(lane) == rules.FINISHED, seconds=20)
