"""The collaborators a service may be handed: settings and the bookkeeping. Made once, in app.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateways.bookkeeping import Bookkeeping
from gateways.mail import Mailer
from settings import Settings

# (kind of letter, language of who gets it, values) → (subject, text)
Write = Callable[[str, str, Mapping[str, object]], tuple[str, str]]


def nobody_writes(kind: str, _language: str, _values: Mapping[str, object]) -> tuple[str, str]:
    """Where no letters are expected. Raises RuntimeError."""
    raise RuntimeError(f"nobody here writes letters, and {kind} was asked for")


@dataclass(frozen=True)
class Dependencies:
    """What the outside of the services is made of. `wake` tells the worker that a tenant has work for it; a lost call
    only costs time, for the worker looks every minute anyway."""

    settings: Settings
    bookkeeping: Bookkeeping
    wake: Callable[[int], None] = lambda _tenant_id: None
    mailer: Mailer | None = None  # None: mail stays in the outbox, which the demo shows
    queue_length: Callable[[], int] = lambda: 0  # raises what the queue raises when it cannot be reached
    write: Write = nobody_writes  # letters, from their templates
