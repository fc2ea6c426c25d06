"""Lanes: worker threads that carry out bulk jobs, some per administration, so that a slow one delays nobody."""

from __future__ import annotations

import logging
import threading

from flask import Flask

from services import bulk, tenants
from services.parts import Parts

LANES = 2  # per administration; the gateway lets no more calls of one administration through either
ADMINISTRATIONS = 16  # at once; the next comes when a lane is free or with the following minute
CALLS_AT_ONCE = LANES * ADMINISTRATIONS + 2  # two more for the rounds
PATIENCE = 30.0  # seconds a lane gets to finish its press when the worker ends

logger = logging.getLogger("crafter.worker")


class Lanes:
    """Starts threads per tenant and counts them. A thread ends when its tenant has nothing left to press."""

    def __init__(self, app: Flask, parts: Parts) -> None:
        self._app = app
        self._parts = parts
        self._lock = threading.Lock()
        self._running: dict[int, list[threading.Thread]] = {}
        self._closing = threading.Event()

    def start(self, tenant_id: int) -> None:
        """Give a tenant its lanes, as far as they are not running yet."""
        with self._lock:
            self._running = {key: alive for key, row in self._running.items() if (alive := _alive(row))}
            mine = self._running.get(tenant_id, [])
            if self._closing.is_set() or (not mine and len(self._running) >= ADMINISTRATIONS):
                return
            for _ in range(LANES - len(mine)):
                lane = threading.Thread(target=self._run, args=(tenant_id,), name=f"bulk-{tenant_id}", daemon=True)
                self._running.setdefault(tenant_id, []).append(lane)
                lane.start()

    def start_all(self) -> None:
        """Give every tenant with an unfinished job its lanes; this also picks up what a killed worker left."""
        with self._app.app_context():
            tenants.leave()
            for tenant_id in tenants.all_ids():
                tenants.leave()
                tenants.process(tenant_id, "Crafter")
                busy = bool(bulk.unfinished())
                tenants.leave()
                if busy:
                    self.start(tenant_id)

    def join(self, seconds: float) -> None:
        """Wait until the lanes are done, each for at most so long."""
        with self._lock:
            lanes = [lane for row in self._running.values() for lane in row]
        for lane in lanes:
            lane.join(seconds)

    def close(self) -> None:
        """Let every lane finish the press it is at, and start no more."""
        self._closing.set()
        self.join(PATIENCE)

    def _run(self, tenant_id: int) -> None:
        with self._app.app_context():
            try:
                actor = tenants.process(tenant_id, "Crafter")
                for job_id in bulk.unfinished():
                    bulk.carry_out(self._parts, actor, job_id, halt=self._closing.is_set)
            except Exception:
                logger.exception("bulk work of tenant %s failed; tried again within a minute", tenant_id)
            finally:
                tenants.leave()


def _alive(lanes: list[threading.Thread]) -> list[threading.Thread]:
    return [lane for lane in lanes if lane.is_alive()]
