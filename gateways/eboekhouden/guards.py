"""Guards so that a sick far side harms nobody else: places for calls, and circuits that open after failures."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from domain.notes import note
from gateways.bookkeeping import Busy, Resting


class Places:
    """At most `total` of our threads are busy with the bookkeeping at once, at most `each` for one administration."""

    def __init__(self, total: int, each: int, patience: float) -> None:
        self._total = total
        self._each = each
        self._patience = patience
        self._changed = threading.Condition()
        self._taken: Counter[int] = Counter()

    @contextmanager
    def one(self, administration: int) -> Iterator[None]:
        """Hold a place within the block. Raises Busy when none came free in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._free(administration), self._patience):
                raise Busy(note("call.busy"))
            self._taken[administration] += 1
        try:
            yield
        finally:
            with self._changed:
                self._taken[administration] -= 1
                if not self._taken[administration]:
                    del self._taken[administration]
                self._changed.notify_all()

    def _free(self, administration: int) -> bool:
        return self._taken.total() < self._total and self._taken[administration] < self._each


@dataclass
class _Circuit:
    """What failed lately, as (when, whose); `open_until` is None while calls go through."""

    failed: deque[tuple[float, int]] = field(default_factory=deque)
    open_until: float | None = None


class Breakers:
    """After `failures` within `within` seconds nothing is called for `rest` seconds; then one call tries.

    One circuit per administration. The one of the host opens only when calls of several administrations fail and
    none succeeds, for else one sick administration would keep the others out. Times in seconds of `clock`. `opened`
    hears of a circuit (host, administration) that opens, and for how long.
    """

    def __init__(
        self,
        failures: int = 5,
        within: float = 60.0,
        rest: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
        opened: Callable[[str, float], None] = lambda circuit, seconds: None,
    ) -> None:
        self._opened = opened
        self._failures = failures
        self._within = within
        self._rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._host = _Circuit()
        self._own: dict[int, _Circuit] = {}

    def check(self, administration: int, peek: bool = False) -> None:
        """Raises Resting when nothing may be called now. Whoever only peeks does not become the one that tries."""
        with self._lock:
            now = self._clock()
            opened = [one for one in (self._host, self._own.get(administration)) if one and one.open_until is not None]
            left = max((one.open_until - now for one in opened if one.open_until is not None), default=0.0)
            if left > 0:
                raise Resting(note("call.resting", seconds=f"{left:.0f}"))
            for one in [] if peek else opened:
                # this call tries; the others wait for what comes of it
                one.open_until = now + self._rest

    def worked(self, administration: int) -> None:
        """A usable answer came, whatever it said."""
        with self._lock:
            self._host = _Circuit()
            own = self._own.get(administration)
            if own is not None and own.open_until is not None:
                del self._own[administration]

    def failed(self, administration: int) -> None:
        """No usable answer came."""
        with self._lock:
            now = self._clock()
            own = self._own.setdefault(administration, _Circuit())
            for one, whose in ((own, 1), (self._host, 2)):
                one.failed.append((now, administration))
                while one.failed[0][0] <= now - self._within:
                    one.failed.popleft()
                enough = len(one.failed) >= self._failures and len({who for _, who in one.failed}) >= whose
                if enough or one.open_until is not None:
                    one.open_until = now + self._rest
                    self._opened("host" if one is self._host else "administration", self._rest)
