"""The collaborators a service may be handed: settings and the bookkeeping. Made once, in app.py."""

from __future__ import annotations

from dataclasses import dataclass

from gateways.bookkeeping import Bookkeeping
from settings import Settings


@dataclass(frozen=True)
class Parts:
    """What the outside of the services is made of."""

    settings: Settings
    bookkeeping: Bookkeeping
