"""Guards so that a sick far side harms nobody else, and we ask no more of it than is fair: places for calls, a budget
a day, and circuits that open after failures. docs/scaling.md says which of them all nodes share."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import takewhile
from uuid import uuid4

from domain.notes import note
from domain.outcome import Problem
from gateways.bookkeeping import Busy, CallsToday, Resting, Spent
from gateways.shared_counts import Away, DayCounts, SharedCounts
from tenancy.clock import day_of

_LOOK_AGAIN = 0.03  # seconds between two looks whether another node gave a place back
_OPENING_SECONDS = 30.0  # how long a place is ours before its first round trip: long enough to wait for a session
_RECENT = 20  # calls of a kind that a circuit looks back at
_DAYS_SECONDS = 2 * 24 * 3600
LOOK_UP = "GetRelaties by code"  # of the one customer whom an invoice is for; GetRelaties itself is a list
# what an invoice needs: a session, its customer, the invoice itself, and looking it up before it is sent again
FOR_INVOICES = frozenset({"OpenSession", LOOK_UP, "AddFactuur", "GetFacturen"})
# GetFacturen of a period or a relation: a list. The day's last calls are not for it, and its failures keep no invoice
MANY_INVOICES = "GetFacturen of many"


class Places:
    """At most `total` of our threads are busy with the bookkeeping at once, at most `each` for one administration, and
    with `shared` at most `together` for one administration on all nodes.

    A shared place has a lease, so that a node that is killed gives it back. While Redis is away each process keeps to
    its own `each`: rather a call too many, which the bookkeeping bears, than no invoices.
    """

    def __init__(
        self, total: int, each: int, patience: float, shared: SharedCounts | None = None, together: int = 2
    ) -> None:
        self._total = total
        self._each = each
        self._patience = patience
        self._shared = shared
        self._together = together
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._mine = threading.local()  # under which name this thread holds its shared place

    @contextmanager
    def one(self, administration: str) -> Iterator[None]:
        """Hold a place within the block. Raises Busy when none came free in time."""
        give_up = time.monotonic() + self._patience
        with self._changed:
            if not self._changed.wait_for(lambda: self._free(administration), self._patience):
                raise Busy(note("call.busy"))
            self._taken[administration] += 1
        try:
            with self._one_of_all_nodes(administration, give_up):
                yield
        finally:
            with self._changed:
                self._taken[administration] -= 1
                if not self._taken[administration]:
                    del self._taken[administration]
                self._changed.notify_all()

    def keep(self, administration: str, seconds: float) -> None:
        """The place that this thread holds stays its own for so long: a round trip begins."""
        holder = getattr(self._mine, "holder", "")
        if self._shared is not None and holder:
            with suppress(Away):
                self._shared.keep(_places(administration), holder, seconds)

    @contextmanager
    def _one_of_all_nodes(self, administration: str, give_up: float) -> Iterator[None]:
        if self._shared is None:
            yield
            return
        places, holder = _places(administration), uuid4().hex
        with suppress(Away):  # then our own count is all there is
            while not self._shared.take(places, holder, self._together, _OPENING_SECONDS):
                if time.monotonic() >= give_up:
                    raise Busy(note("call.busy"))
                time.sleep(_LOOK_AGAIN)
        self._mine.holder = holder
        try:
            yield
        finally:
            self._mine.holder = ""
            with suppress(Away):  # then its lease ends it
                self._shared.leave(places, holder)

    def _free(self, administration: str) -> bool:
        return self._taken.total() < self._total and self._taken[administration] < self._each


def _places(administration: str) -> str:
    return f"crafter:places:{administration}"


def _today() -> date:
    return day_of(datetime.now(UTC))


class Budget:
    """At most `most` calls a day to one administration, the last `kept` of them for invoices only, and of all of them
    at most `searching` for the rest of a list that was cut off.

    With `shared` all processes count together. Each also remembers the highest total it heard of and adds its own
    calls to it: with that it goes on while the others cannot be asked, and from that an emptied Redis is filled again.
    """

    def __init__(
        self,
        most: int = 9000,
        kept: int = 1000,
        shared: DayCounts | None = None,
        today: Callable[[], date] = _today,
        searching: int = 2000,
    ) -> None:
        self._most = most
        self._kept = kept
        self._searching = searching
        self._shared = shared
        self._today = today
        self._lock = threading.Lock()
        self._day = today()
        self._known: Counter[str] = Counter()

    def spend(self, administration: str, operation: str) -> None:
        """Count a call that is about to be made. Raises Spent when there is none left for it today."""
        most = self._most if operation in FOR_INVOICES else self._most - self._kept
        if not self._counted(administration, most):
            all_ = most == self._most
            raise Spent(note("call.day_spent", most=most), problem=Problem.DAY_LIMIT if all_ else Problem.NONE)

    def search(self, administration: str) -> None:
        """Count a further call for a list that was cut off. Raises Spent when enough was searched today."""
        if not self._counted(f"{administration}:search", self._searching):
            raise Spent(note("call.search_spent", most=self._searching))

    def told(self, administration: str) -> CallsToday:
        """What was spent today, and of how much."""
        made, searched = (self._made(name) for name in (administration, f"{administration}:search"))
        return CallsToday(made, self._most, self._kept, searched, self._searching)

    def _counted(self, name: str, most: int) -> bool:
        with self._lock:
            day = self._new_day()
            known = self._known[name]
            free = known < most
            if self._shared is None:
                self._known[name] += free
        return free if self._shared is None else self._counted_together(self._shared, name, day, known, most)

    def _counted_together(self, shared: DayCounts, name: str, day: date, known: int, most: int) -> bool:
        try:
            free, total = shared.spend(_of_the_day(day, name), known, most, _DAYS_SECONDS)
        except Away:
            free, total = known < most, 0
        with self._lock:
            if day == self._day:  # an Away, or another thread that was told a higher total, never lowers what we know
                self._known[name] = max(self._known[name] + (free and not total), total)
        return free

    def _made(self, name: str) -> int:
        with self._lock:
            day = self._new_day()
            known = self._known[name]
        if self._shared is not None:
            with suppress(Away):
                known = max(known, self._shared.told(_of_the_day(day, name)))
        return known

    def _new_day(self) -> date:
        day = self._today()
        if day != self._day:
            self._day, self._known = day, Counter()
        return day


def _of_the_day(day: date, name: str) -> str:
    return f"crafter:day:{day}:{name}"


@dataclass(frozen=True)
class _Call:
    """One that ended: when, whose, and whether no usable answer came."""

    at: float
    whose: str
    failed: bool


@dataclass
class _Circuit:
    """How calls of one kind ended lately, the newest last; `open_until` is None while calls go through."""

    recent: deque[_Call] = field(default_factory=lambda: deque(maxlen=_RECENT))
    open_until: float | None = None

    def failed_in_a_row(self) -> list[_Call]:
        """The newest calls, as far back as none worked."""
        return list(takewhile(lambda call: call.failed, reversed(self.recent)))

    def mostly_failed(self) -> bool:
        """Whether more than half of enough calls failed."""
        return len(self.recent) == _RECENT and 2 * sum(call.failed for call in self.recent) > _RECENT


class Breakers:
    """When the last `failures` calls failed, or more than half of the last twenty did, nothing is called for `rest`
    seconds; then one call tries. Failures of more than `within` seconds ago do not count.

    One circuit per administration and kind of call: what an invoice needs, and the rest, so that lists that fail never
    keep an invoice. That of the host opens only when calls of several administrations fail and none succeeds, for else
    one sick administration would keep the others out. Times in seconds of `clock`. `opened` hears of a circuit (host,
    administration) that opens, and for how long.
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
        self._host: dict[bool, _Circuit] = {True: _Circuit(), False: _Circuit()}
        self._own: dict[tuple[str, bool], _Circuit] = {}

    def check(self, administration: str, operation: str, peek: bool = False) -> None:
        """Raises Resting when this may not be called now. Whoever only peeks does not become the one that tries."""
        kind = operation in FOR_INVOICES
        with self._lock:
            now = self._clock()
            mine = (self._host[kind], self._own.get((administration, kind)))
            opened = [one for one in mine if one and one.open_until is not None]
            left = max((one.open_until - now for one in opened if one.open_until is not None), default=0.0)
            if left > 0:
                raise Resting(note("call.resting", seconds=f"{left:.0f}"))
            for one in [] if peek else opened:
                # this call tries; the others wait for what comes of it
                one.open_until = now + self._rest

    def worked(self, administration: str, operation: str) -> None:
        """A whole answer came, whatever it said, and even if it could not be read: they are there."""
        kind = operation in FOR_INVOICES
        with self._lock:
            self._host[kind] = _Circuit()
            own = self._own.get((administration, kind))
            if own is None:
                return
            if own.open_until is not None:
                del self._own[administration, kind]
            else:
                own.recent.append(_Call(self._clock(), administration, False))

    def failed(self, administration: str, operation: str) -> None:
        """No whole answer came."""
        kind = operation in FOR_INVOICES
        with self._lock:
            now = self._clock()
            own = self._own.setdefault((administration, kind), _Circuit())
            for one, whose in ((own, 1), (self._host[kind], 2)):
                one.recent.append(_Call(now, administration, True))
                while one.recent[0].at <= now - self._within:
                    one.recent.popleft()
                row = one.failed_in_a_row()
                enough = len(row) >= self._failures and len({call.whose for call in row}) >= whose
                if enough or (one is own and own.mostly_failed()) or one.open_until is not None:
                    one.open_until = now + self._rest
                    self._opened("host" if whose == 2 else "administration", self._rest)
