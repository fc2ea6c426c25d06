"""`make torture` (python -m tests.torture): the long versions; FAULTS=n for fewer, ROUNDS=n of the events in the world,
SEED=n for another order. FAULTS=0 plays those events only."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.support.redis_process import running_redis
from tests.torture import campaign, crowd, plans, programs, world
from tests.torture.lane import Runner, Tally
from tests.torture.stage import ROOMY, set_up


def _programs() -> Tally:
    """The real programs, killed at every point: the portal under gunicorn, then the worker."""
    total = Tally()
    with set_up("sqlite", sandboxes=1, lanes_each=3) as stage:
        portal, on_files, on_redis = stage.lanes
        runners = {lane.slug: Runner(lane) for lane in stage.lanes}
        print(f"gunicorn killed at {len(plans.PRESS_POINTS)} points", file=sys.stderr, flush=True)
        for point in plans.PRESS_POINTS:
            total.add(programs.kill_portal(portal, runners[portal.slug], point)[1])
        with tempfile.TemporaryDirectory(prefix="crafter-queue-") as folder, running_redis(Path(folder)) as server:
            queues = ((on_files, f"sqlite:///{folder}/queue.sqlite3"), (on_redis, server.url))
            print(f"worker killed at {len(programs.WORKER_POINTS)} points, on 2 queues", file=sys.stderr, flush=True)
            for point in programs.WORKER_POINTS:
                for lane, url in queues:
                    total.add(programs.kill_worker(lane, runners[lane.slug], point, url))
        for runner in runners.values():
            runner.verify(total)
    return total


def _world(seed: int, rounds: int) -> Tally:
    """The world around changes: every event so many times in each of two lanes, on each database."""
    total = Tally()
    for kind in ("sqlite", "postgres"):
        print(
            f"{kind}: {len(world.EVENTS)} events in the world, {rounds} times in 2 lanes", file=sys.stderr, flush=True
        )
        with set_up(kind, sandboxes=2, lanes_each=1, times=world.TIMES, own=True) as stage:
            total.add(world.run(stage, seed, rounds))
    return total


def _size(faults: int) -> tuple[int, int, int, int]:
    """How big that many faults are: processes and orders of the crowd, sandboxes and lanes on each."""
    if faults < 100:
        return 4, 10, 1, 1
    return 16, 200 if faults >= 1000 else 40, 2, 3


def main() -> int:
    """Play everything, print the table; 1 when a promise is broken."""
    faults = int(os.environ.get("FAULTS") or 10_000)
    seed = int(os.environ.get("SEED") or 2026)
    total = Tally()
    began = time.monotonic()
    crowd_of, orders, sandboxes, lanes_each = _size(faults)
    for kind, processes in (("sqlite", crowd_of), ("postgres", crowd_of)) if faults else ():
        print(f"{kind}: {processes} processes press the same {orders} orders", file=sys.stderr, flush=True)
        with set_up(kind, sandboxes=1, lanes_each=1, times=ROOMY) as stage:
            total.add(crowd.rush(stage, processes, orders))
    if faults >= 1000:
        total.add(_programs())
    rounds = int(os.environ.get("ROUNDS") or (faults // 1000 if faults else 1))
    if rounds:
        total.add(_world(seed, rounds))
    left = max(0, faults - total.faults.total())
    for kind, goal in (("sqlite", left - left // 4), ("postgres", left // 4)) if faults else ():
        with set_up(kind, sandboxes=sandboxes, lanes_each=lanes_each) as stage:
            print(f"{kind}: {goal} faults in {len(stage.lanes)} lanes", file=sys.stderr, flush=True)
            endless = [plans.endless(seed + number) for number in range(len(stage.lanes))]
            total.add(campaign.run(stage, list(endless), goal, heard=campaign.Bar(kind, goal)))
    print(campaign.table(total))
    print(f"seed {seed}, {time.monotonic() - began:.0f} s")
    for problem in total.problems[:20]:
        print("PROBLEM", problem)
    return 1 if total.problems or total.duplicates or total.lost or total.stuck or total.silent else 0


if __name__ == "__main__":
    sys.exit(main())
