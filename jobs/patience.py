"""Waiting for the database, the queue or room on the disk: said once when it begins and once when it is over."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from oversight import logs
from tenancy.unavailable import why_unavailable

AGAIN = 5.0  # seconds until the next try
_SAME = 600.0  # seconds in which the queue's own complaint is not repeated

log = logs.get("crafter.worker")
T = TypeVar("T")


class Patience:
    """What the worker's threads know together of a part that is missing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._missing = ""

    def waits(self, error: BaseException) -> bool:
        """Whether an error is a part that is missing, which passes; anything else is a mistake of ours."""
        of_redis = type(error).__module__.partition(".")[0] == "redis"  # not imported here: not every queue is one
        why = "queue" if of_redis else why_unavailable(error)
        if why is None:
            return False
        with self._lock:
            if not self._missing:
                said = f"{type(error).__name__}: {error}".splitlines()[0]
                log.error("the worker waits: a part is not available", why=why, error=said)
            self._missing = why
        return True

    def goes_on(self) -> None:
        """Everything was there."""
        with self._lock:
            if self._missing:
                log.warning("the worker goes on: what it waited for is there again", why=self._missing)
            self._missing = ""

    def until_there(self, deed: Callable[[], T]) -> T:
        """Do this again and again until no part is missing for it."""
        while True:
            try:
                done = deed()
            except Exception as error:
                if not self.waits(error):
                    raise
                time.sleep(AGAIN)
            else:
                self.goes_on()
                return done


class SaidOnce(logging.Filter):
    """Lets a complaint of the queue through once in ten minutes: it asks again every half second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if record.levelno < logging.ERROR or now - self._said.get(record.msg, -_SAME) >= _SAME:
            self._said[record.msg] = now
            return True
        return False
