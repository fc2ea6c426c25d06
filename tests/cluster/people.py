"""People at work: clients that approve orders through haproxy, and press again as a person would."""

from __future__ import annotations

import queue
import re
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_STATE = re.compile(r'data-state="(\w+)"')
_TRIES = 8


@dataclass(frozen=True)
class Order:
    """An order to approve: its page, whose lane it is, and who does it (cookie, CSRF token)."""

    id: str
    path: str
    lane: str
    signed: tuple[str, str]


@dataclass
class Seen:
    """What people saw: orders that were said to be posted, and how often each other thing."""

    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    handled: int = 0


class People:
    """So many clients, who take orders off one pile."""

    def __init__(self, url: str, orders: list[Order], clients: int) -> None:
        self.seen = Seen()
        self._url = url
        self._pile: queue.SimpleQueue[Order] = queue.SimpleQueue()
        for order in orders:
            self._pile.put(order)
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(clients)]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def wait_for(self, handled: int) -> None:
        """Wait until so many orders have been handled."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.seen.handled >= handled, 900), f"stuck at {self.seen.handled}"

    def join(self, heard: Callable[[int], None] = lambda handled: None) -> None:
        """Wait until the pile is empty."""
        for thread in self._threads:
            while thread.is_alive():
                thread.join(1)
                heard(self.seen.handled)

    def _work(self) -> None:
        while True:
            try:
                order = self._pile.get_nowait()
            except queue.Empty:
                return
            self._approve(order)
            with self._changed:
                self.seen.handled += 1
                self._changed.notify_all()

    def _approve(self, order: Order) -> None:
        """Press, and again while nothing was sent or nothing usable came back."""
        verb = "approve"
        for turn in range(_TRIES):
            status, body = self._press(f"{self._url}{order.path}/{verb}", order)
            found = _STATE.search(body)
            state = found[1] if found else ""
            with self._changed:
                self.seen.answers[state if status == 200 else f"error {status or 'no answer'}"] += 1
                if state == "posted":
                    self.seen.acknowledged.add(order.id)
            if status == 200 and state not in {"not_sent", "ready"}:
                return
            verb = "send" if state == "not_sent" or 400 <= status < 500 else "approve"
            time.sleep(0.2 * (turn + 1))

    def _press(self, url: str, order: Order) -> tuple[int, str]:
        cookie, csrf = order.signed
        headers = {"Cookie": f"crafter_session={cookie}", "X-CSRFToken": csrf, "HX-Request": "true",
                   "HX-Request-Type": "partial"}  # fmt: skip
        request = urllib.request.Request(url, method="POST", headers=headers, data=b"")
        try:
            with _OPENER.open(request, timeout=90) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError:
            return 0, ""
