"""The proof: people approve while what carries them is killed under their hands; one invoice each, and a table."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from domain import bulk as rules
from tests.cluster.house import Cluster, last_said, running_cluster
from tests.cluster.pair import running_pair
from tests.cluster.people import Order, People, Seen
from tests.support.postgres import OWNER, migrate, running_postgres
from tests.support.redis_process import running_redis
from tests.torture.lane import Runner, Tally
from tests.torture.programs import asked, signed_in, start_bulk, until
from tests.torture.stage import PATIENT, Child, Stage, set_up, settings_for

_LONE = partial(running_postgres, durable=True)


@dataclass(frozen=True)
class Event:
    """What happens when this share of the orders has been handled."""

    at: float
    name: str
    work: Callable[[Cluster, Any], None]


def kill_node(number: int) -> Callable[[Cluster, Any], None]:
    """The machine of a node loses its power."""
    return lambda cluster, _server: list(cluster.nodes.values())[number].kill()


def start_node(number: int) -> Callable[[Cluster, Any], None]:
    """It comes back."""
    return lambda cluster, _server: list(cluster.nodes.values())[number].start()


def kill_worker(number: int) -> Callable[[Cluster, Any], None]:
    """The machine of a worker loses its power."""
    return lambda cluster, _server: cluster.workers[number].kill()


def start_worker(number: int) -> Callable[[Cluster, Any], None]:
    """It comes back."""
    return lambda cluster, _server: cluster.workers[number].start()


def restart_redis(cluster: Cluster, _server: Any) -> None:
    """Redis loses all it knew, and comes back."""
    cluster.redis.kill()
    cluster.redis.start()


def restart_postgres(_cluster: Cluster, server: Any) -> None:
    """PostgreSQL is stopped at once, whoever is at work, and comes back."""
    server.restart()


def migrate_under_it(cluster: Cluster, _server: Any) -> None:
    """An expand step, as a migration does it: as the owner, while everybody works."""
    owner = make_url(cluster.database).set(username=OWNER, drivername="postgresql")
    with psycopg.connect(owner.render_as_string(hide_password=False)) as connection:
        connection.execute("SET lock_timeout = '5s'")
        connection.execute("ALTER TABLE work_order ADD COLUMN later text")
        connection.execute("CREATE TABLE later (tenant_id bigint, id uuid, PRIMARY KEY (tenant_id, id))")


def replace_node(number: int) -> Callable[[Cluster, Any], None]:
    """A node gets the next release: its process ends in peace and another one takes its place."""
    return lambda cluster, _server: cluster.replace(number)


def replace_worker(cluster: Cluster, _server: Any) -> None:
    """The worker gets the next release."""
    cluster.workers[0].stop()
    cluster.workers[0].start()


ROLLING = (
    Event(0.2, "schema expanded", migrate_under_it),
    Event(0.3, "node 1 replaced", replace_node(0)),
    Event(0.5, "node 2 replaced", replace_node(1)),
    Event(0.7, "worker replaced", replace_worker),
)
SHORT = (
    Event(0.2, "node 1 killed", kill_node(0)),
    Event(0.4, "Redis killed, emptied and started", restart_redis),
    Event(0.5, "worker killed", kill_worker(0)),
    Event(0.6, "node 1 started", start_node(0)),
)
FULL = (
    Event(0.05, "node 1 killed", kill_node(0)),
    Event(0.10, "node 1 started", start_node(0)),
    Event(0.20, "node 2 killed", kill_node(1)),
    Event(0.25, "node 2 started", start_node(1)),
    Event(0.35, "node 3 killed", kill_node(2)),
    Event(0.40, "node 3 started", start_node(2)),
    Event(0.50, "Redis killed, emptied and started", restart_redis),
    Event(0.55, "worker 1 killed", kill_worker(0)),
    Event(0.60, "worker 1 started", start_worker(0)),
    Event(0.65, "PostgreSQL restarted", restart_postgres),
    Event(0.75, "worker 2 killed", kill_worker(1)),
    Event(0.80, "worker 2 started", start_worker(1)),
)


FAILOVER = (
    Event(0.3, "PostgreSQL primary killed, standby promoted", lambda _cluster, pair: pair.fail_over()),
    Event(0.6, "node 1 killed", kill_node(0)),
    Event(0.7, "node 1 started", start_node(0)),
)


@dataclass
class Outcome:
    """What came of it: both sides held against each other, what people saw, and what was done to the cluster."""

    tally: Tally = field(default_factory=Tally)
    seen: Seen = field(default_factory=Seen)
    jobs: int = 0
    forgotten: int = 0  # orders that were said to be posted and are not approved
    done: list[str] = field(default_factory=list)
    seconds: float = 0.0
    said: str = ""  # the end of what the processes said

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        tally = self.tally
        return not (tally.problems or tally.duplicates or tally.lost or tally.stuck or self.forgotten)


def play(
    orders: int,
    clients: int,
    nodes: int,
    workers: int,
    events: tuple[Event, ...],
    heard: Callable[[int], None] = lambda handled: None,
    serving: Callable[[], AbstractContextManager[Any]] = _LONE,
) -> Outcome:
    """Run it on the PostgreSQL that `serving` gives. A tenth of the orders goes through bulk jobs of the workers, the
    rest through the portal."""
    outcome = Outcome()
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crafter-cluster-")))
        server = stack.enter_context(serving())
        redis = stack.enter_context(running_redis(folder))
        name = server.new()
        migrate(settings_for(server.url(name, OWNER), "http://127.0.0.1:9/soap.asmx", folder))
        stage = stack.enter_context(set_up("postgres", sandboxes=1, times=PATIENT, url=server.url(name)))
        runners = {lane.slug: Runner(lane) for lane in stage.lanes}
        lots = {slug: runner.make_orders(orders // len(runners)) for slug, runner in runners.items()}
        piles = {lane.slug: tuple(Child(partial(signed_in, lane)).end().value) for lane in stage.lanes}
        for lane in stage.lanes:
            slow = {"kind": "slow", "operation": "AddFactuur", "seconds": 0.1, "times": 10 * orders}
            lane.sandbox.mischief(lane.administration, [slow])
        cluster = stack.enter_context(
            running_cluster(
                server.url(name), stage.lanes[0].sandbox.soap_url, folder, redis, nodes=nodes, workers=workers
            )
        )
        outcome.jobs = _start_jobs(stage, {slug: lot[: len(lot) // 10] for slug, lot in lots.items()}, redis.url)
        pressed = [
            Order(order_id, f"/t/{slug}/work-orders/{order_id}", slug, piles[slug])
            for trio in zip(*(lot[len(lot) // 10 :] for lot in lots.values()), strict=True)
            for slug, order_id in zip(lots, trio, strict=True)
        ]
        people = People(cluster.url, pressed, clients)
        people.start()
        for event in events:
            people.wait_for(int(event.at * len(pressed)))
            since = time.monotonic()
            event.work(cluster, server)
            cluster.wait_until_served()
            outcome.done.append(f"{event.name:<44} served {time.monotonic() - since:6.1f} s after it")
        people.join(heard)
        outcome.seen = people.seen
        for process in (*cluster.nodes.values(), *cluster.workers):
            process.start()
        outcome.forgotten = _forgotten(stage, runners, people.seen.acknowledged)
        for lane in stage.lanes:
            if outcome.jobs:
                until(lambda lane=lane: asked(lane) == rules.FINISHED, seconds=240)
            runners[lane.slug].settle(lots[lane.slug], outcome.tally)
            runners[lane.slug].verify(outcome.tally)
        outcome.said = last_said(folder)
    outcome.seconds = time.monotonic() - began
    return outcome


def _start_jobs(stage: Stage, lots: dict[str, list[str]], redis_url: str) -> int:
    """A bulk job a lane; how many orders are in them."""
    for lane in stage.lanes:
        if lots[lane.slug]:
            end = Child(partial(start_bulk, lane, lots[lane.slug], redis_url)).end()
            assert end.error == "", end.error
    return sum(len(lot) for lot in lots.values())


def _forgotten(stage: Stage, runners: dict[str, Runner], acknowledged: set[str]) -> int:
    """How many orders people were told of as posted that are not, before anybody presses again."""
    found = 0
    for lane in stage.lanes:
        mine = [one for one in runners[lane.slug].orders if one in acknowledged]
        rows = runners[lane.slug].look(mine)["orders"].values()
        found += sum(row["state"] != "posted" for row in rows)
    return found


def table(outcome: Outcome) -> str:
    """What happened, in lines."""
    tally, seen = outcome.tally, outcome.seen
    rows = [
        ("orders", tally.expected), ("  of those by bulk jobs", outcome.jobs), ("invoices", tally.found),
        ("doubled", tally.duplicates), ("lost", tally.lost), ("stuck", tally.stuck),
        ("said to be posted", len(seen.acknowledged)), ("  and were not", outcome.forgotten),
        *((f"answers: {name or 'a page'}", number) for name, number in sorted(seen.answers.items())),
    ]  # fmt: skip
    lines = [f"{name:<42}{number:>8,}" for name, number in rows]
    return "\n".join([*outcome.done, "", *lines, f"{outcome.seconds:.0f} s"])


class Bar:
    """A progress bar on a terminal, a line every 10 % elsewhere."""

    def __init__(self, goal: int) -> None:
        self._goal = max(1, goal)
        self._said = -1

    def __call__(self, done: int) -> None:
        share = min(100, done * 100 // self._goal)
        if sys.stderr.isatty():
            print(f"\r[{'#' * (share * 3 // 10):<30}] {share:3d} %", end="", file=sys.stderr, flush=True)
        elif share // 10 > self._said:
            self._said = share // 10
            print(f"{share} % of {self._goal} approvals", file=sys.stderr, flush=True)


def main(how: str) -> int:
    """`make cluster` and `make failover`: in full, with a table; 1 when a promise was broken."""
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(143))  # so that whatever was started is ended
    orders = int(os.environ.get("ORDERS") or 2000)
    heard = Bar(orders - orders // 10)
    if how == "failover":
        outcome = play(orders, 32, nodes=2, workers=1, events=FAILOVER, heard=heard, serving=running_pair)
    else:
        outcome = play(orders, 32, nodes=3, workers=2, events=FULL, heard=heard)
    print(table(outcome))
    for problem in outcome.tally.problems[:20]:
        print("PROBLEM", problem)
    if not outcome.good:
        print(outcome.said)
    return 0 if outcome.good else 1
