"""The portal itself, under gunicorn, killed in the middle of a press from a browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.support.cast import cookie_for
from tests.torture.lane import Runner, Tally
from tests.torture.stage import Child, Lane, set_up

ROOT = Path(__file__).parents[2]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_START_SECONDS = 90


@contextmanager
def portal(lane: Lane, crash: str) -> Iterator[str]:
    """The portal under gunicorn with one worker process on a lane's database; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = lane.parts.settings
    place = (settings.database_url, lane.sandbox.soap_url, str(settings.data))
    command = [sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4", "--log-level", "critical"]
    running = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", f"tests.torture.press:portal{place!r}"],
        cwd=ROOT,
        env={**os.environ, "CRAFTER_ENV": "demo", "CRAFTER_CRASH_AT": crash},
    )
    try:
        yield f"http://127.0.0.1:{port}"
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


@pytest.mark.timeout(400)
def test_a_killed_gunicorn_worker_leaves_one_invoice_and_the_portal_comes_back() -> None:
    with set_up("sqlite", sandboxes=1, lanes_each=1) as stage:
        lane = stage.lanes[0]
        runner = Runner(lane)
        (order_id,) = runner.make_orders(1)
        signed = Child(partial(signed_in, lane)).end().value
        with portal(lane, "AddFactuur.after_answer") as url:
            page = f"{url}/t/{lane.slug}/work-orders/{order_id}"
            wait_for(page, signed)
            assert ask(f"{page}/approve", signed, "POST") == 0
            wait_for(page, signed)  # gunicorn started another worker, which counts afresh
            state = runner.look([order_id])["orders"][order_id]["state"]
            assert state in {"sending", "uncertain"}
        tally = Tally()
        runner.settle([order_id], tally)
        runner.verify(tally)
    assert tally.problems == []
    assert (tally.expected, tally.found, tally.stuck) == (1, 1, 0)
