"""Lanes: worker threads that carry out what is asked for, some per administration, so that a slow one delays nobody.

Bulk jobs have lanes of their own, and so has reading long lists in: neither waits for the other.
"""

from __future__ import annotations

import logging
import threading

from flask import Flask

from oversight import logs
from services import due_work
from services.catalogue import waiting_runs
from services.company import tenants
from services.dependencies import Dependencies
from services.invoicing import bulk
from services.reconciliation import rounds as reconciling

LANES = 2  # per administration
CALLS_EACH = LANES + 2  # of one administration: its lanes, its reader and a round
ADMINISTRATIONS = 16  # at once; the next comes when a lane is free or with the following minute
READERS = 8  # administrations whose lists are read at once, each by one lane
CALLS_AT_ONCE = LANES * ADMINISTRATIONS + READERS + 2  # two more for the rounds
CALL_PATIENCE = 4.0  # seconds a call waits while other nodes are busy with its administration; within the start guard
PATIENCE = 30.0  # seconds a lane gets to finish its press when the worker ends

logger = logging.getLogger("crafter.worker")


class Lanes:
    """Starts threads per tenant and counts them. A thread ends when its tenant has nothing left to do."""

    def __init__(self, app: Flask, deps: Dependencies) -> None:
        self._app = app
        self._deps = deps
        self._lock = threading.Lock()
        self._running: dict[int, list[threading.Thread]] = {}
        self._reading: dict[int, threading.Thread] = {}
        self._closing = threading.Event()

    def start(self, tenant_id: int) -> None:
        """Give a tenant its lanes, as far as they are not running yet."""
        with self._lock:
            self._start_reading(tenant_id)
            self._running = {key: alive for key, row in self._running.items() if (alive := _alive(row))}
            mine = self._running.get(tenant_id, [])
            if self._closing.is_set() or (not mine and len(self._running) >= ADMINISTRATIONS):
                return
            for _ in range(LANES - len(mine)):
                lane = threading.Thread(target=self._run, args=(tenant_id,), name=f"bulk-{tenant_id}", daemon=True)
                self._running.setdefault(tenant_id, []).append(lane)
                lane.start()

    def _start_reading(self, tenant_id: int) -> None:
        self._reading = {key: lane for key, lane in self._reading.items() if lane.is_alive()}
        if self._closing.is_set() or tenant_id in self._reading or len(self._reading) >= READERS:
            return
        lane = threading.Thread(target=self._read, args=(tenant_id,), name=f"read-{tenant_id}", daemon=True)
        self._reading[tenant_id] = lane
        lane.start()

    def start_all(self) -> None:
        """Give every tenant with something unfinished its lanes; this also picks up what a killed worker left."""
        with self._app.app_context():
            tenants.leave()
            busy = due_work.tenants_with(due_work.BULK, due_work.READ, due_work.COMPARE)
            tenants.leave()
        for tenant_id in busy:
            self.start(tenant_id)

    def join(self, seconds: float) -> None:
        """Wait until the lanes are done, each for at most so long."""
        with self._lock:
            lanes = [lane for row in self._running.values() for lane in row] + list(self._reading.values())
        for lane in lanes:
            lane.join(seconds)

    def close(self) -> None:
        """Let every lane finish the press it is at, and start no more."""
        self._closing.set()
        self.join(PATIENCE)

    def _run(self, tenant_id: int) -> None:
        logs.clear()
        logs.bind(round="bulk", tenant_id=tenant_id)
        with self._app.app_context():
            try:
                actor = tenants.process(tenant_id, "Crafter")
                for job_id in bulk.unfinished():
                    bulk.carry_out(self._deps, actor, job_id, halt=self._closing.is_set)
                bulk.settle(actor)
            except Exception:
                logger.exception("bulk work of tenant %s failed; tried again within a minute", tenant_id)
            finally:
                tenants.leave()

    def _read(self, tenant_id: int) -> None:
        logs.clear()
        logs.bind(round="reading", tenant_id=tenant_id)
        with self._app.app_context():
            try:
                actor = tenants.process(tenant_id, "Crafter")
                waiting_runs.carry_out(self._deps, actor, halt=self._closing.is_set)
            except Exception:
                logger.exception("reading the lists of tenant %s failed", tenant_id)
            try:
                tenants.leave()
                actor = tenants.process(tenant_id, "Crafter")
                reconciling.carry_out(self._deps, actor, halt=self._closing.is_set)
            except Exception:
                logger.exception("holding the books of tenant %s against theirs failed", tenant_id)
            finally:
                tenants.leave()


def _alive(lanes: list[threading.Thread]) -> list[threading.Thread]:
    return [lane for lane in lanes if lane.is_alive()]
