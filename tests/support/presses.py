"""Many people at the same moment: each in a thread and a session of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

from flask import Flask

from domain.message import Refusal
from services.company import tenants
from services.invoicing import press as invoicing
from tests.support.cast import process

Result = TypeVar("Result")


def press_at_once(app: Flask, order_id: UUID, pressers: int = 8) -> list[str]:
    """So many people press Gecontroleerd on an order of Vos. What came of each press, sorted."""
    barrier = threading.Barrier(pressers)

    def press() -> str:
        actor = process("vos")
        barrier.wait()
        try:
            return invoicing.approve(app.extensions["crafter"], actor, order_id).state
        except Refusal:
            return "refusal"

    return sorted(at_once(app, *[press] * pressers))


def at_once(app: Flask, *work: Callable[[], Result]) -> list[Result]:
    """Pieces of work at the same time, each in a session of its own; what each returned. Raises what one raised."""
    tenants.leave()

    def inside(one: Callable[[], Result]) -> Result:
        with app.app_context():
            try:
                return one()
            finally:
                tenants.leave()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(inside, work))
