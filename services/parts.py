"""The collaborators a service may be handed: settings and the bookkeeping. Made once, in app.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateways.bookkeeping import Bookkeeping
from settings import Settings


@dataclass(frozen=True)
class Parts:
    """What the outside of the services is made of. `wake` tells the worker that a tenant has bulk work; a lost call
    only costs time, for the worker looks every minute anyway."""

    settings: Settings
    bookkeeping: Bookkeeping
    wake: Callable[[int], None] = lambda _tenant_id: None
