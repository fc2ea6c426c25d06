"""The worker as a process of its own, killed in the middle of bulk work, on both kinds of queue."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from domain import bulk as rules
from tests.support.redis_process import RedisServer, running_redis
from tests.torture.lane import Runner, Tally
from tests.torture.programs import asked, finish, start_bulk, until, worker
from tests.torture.stage import Child, set_up

ORDERS = 12


@contextmanager
def queue(storage: str, folder: Path) -> Iterator[tuple[str, RedisServer | None]]:
    """The QUEUE_URL of a queue, and its server when it has one."""
    if storage == "sqlite":
        yield f"sqlite:///{folder / 'queue.sqlite3'}", None
        return
    with running_redis(folder) as server:
        yield server.url, server


@pytest.mark.timeout(400)
@pytest.mark.parametrize("storage", ["sqlite", "redis"])
def test_a_worker_killed_twice_in_bulk_work_leaves_one_invoice_per_order(storage: str, tmp_path: Path) -> None:
    with set_up("sqlite", sandboxes=1, lanes_each=1) as stage, queue(storage, tmp_path) as (url, server):
        lane = stage.lanes[0]
        runner = Runner(lane)
        order_ids = runner.make_orders(ORDERS)
        # from the third on every press takes a while, so that the worker is in the middle of the list for long
        slow = {"kind": "slow", "operation": "AddFactuur", "seconds": 4, "skip": 2, "times": 99}
        lane.sandbox.mischief(lane.administration, [slow])

        def invoices() -> int:
            return len(lane.sandbox.invoices(lane.administration))

        with worker(lane, url) as running:
            assert until((lane.deps.settings.data / "worker.ready").exists)
            assert Child(partial(start_bulk, lane, order_ids, url)).end().error == ""
            assert until(lambda: invoices() >= 2, seconds=90), "the wake-up did not reach the worker"
            running.kill()
            running.wait(30)
        assert 2 <= invoices() < ORDERS
        lane.sandbox.clear_mischief(lane.administration)
        assert asked(lane) == rules.RUNNING
        if server is not None:
            server.kill()  # and with it whatever it still held: the rows are the truth
            server.start()
        with worker(lane, url, "AddFactuur.after_last_byte:3") as running:
            assert running.wait(120) == -signal.SIGKILL
        finish(lane, url)
        assert asked(lane) == rules.FINISHED
        tally = Tally()
        runner.settle(order_ids, tally)
        runner.verify(tally)
    assert tally.problems == []
    assert (tally.expected, tally.found, tally.duplicates, tally.stuck) == (ORDERS, ORDERS, 0, 0)


@pytest.mark.timeout(300)
def test_a_worker_outlives_its_redis_and_hears_the_next_wake_up(tmp_path: Path) -> None:
    with set_up("sqlite", sandboxes=1, lanes_each=1) as stage, running_redis(tmp_path) as server:
        lane = stage.lanes[0]
        runner = Runner(lane)
        with worker(lane, server.url) as running:
            assert until((lane.deps.settings.data / "worker.ready").exists)
            time.sleep(1)
            server.kill()
            unheard = runner.make_orders(1)  # nobody hears of it: the portal goes on, the minute's round finds it
            assert Child(partial(start_bulk, lane, unheard, server.url)).end().error == ""
            time.sleep(2)
            server.start()
            heard = runner.make_orders(1)
            assert Child(partial(start_bulk, lane, heard, server.url)).end().error == ""
            assert until(lambda: asked(lane) == rules.FINISHED)
            assert running.poll() is None
        tally = Tally()
        runner.settle([*unheard, *heard], tally)
        runner.verify(tally)
    assert tally.problems == []
    assert (tally.expected, tally.found) == (2, 2)
