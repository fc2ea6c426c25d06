"""What all nodes count together, in Redis: places with a lease, and numbers of a day.

Redis is never the truth here and may be away or emptied at any moment: who asks gets Away within half a second, and
counts for itself meanwhile (gateways/eboekhouden/guards.py says what that means for each thing). Its library is read in
by who counts there: 5 MB.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Protocol
from urllib.parse import urlsplit

logger = logging.getLogger("crafter.counts")
_PATIENCE = 0.5  # seconds for one question
_PAUSE = 2.0  # seconds without questions after one that was not answered

# Times are Redis' own, so that nodes need not agree on the time. KEYS: places; ARGV: holder, most (0: in any case),
# milliseconds.
_TAKE = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local most = tonumber(ARGV[2])
if most > 0 and not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= most then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1
"""
# KEYS: a number; ARGV: at least so many were counted already, most, seconds to keep it
_SPEND = """
local n = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1]))
local free = n < tonumber(ARGV[2])
if free then n = n + 1 end
redis.call('SET', KEYS[1], n, 'EX', ARGV[3])
return {free and 1 or 0, n}
"""


class Away(Exception):
    """Redis does not answer."""


class DayCounts(Protocol):
    """Numbers that several processes count together. Both raise Away when they cannot be had."""

    def spend(self, number: str, known: int, most: int, seconds: int) -> tuple[bool, int]:
        """Count one more unless there are `most`: whether it was counted, and how many there are. `known` is how many
        the caller knows of: an emptied Redis learns it back from whoever asks. Kept for so many seconds."""

    def told(self, number: str) -> int:
        """How many were counted."""


class SharedCounts:
    """Places and numbers that every process with the same Redis sees. Each method raises Away within half a second,
    and at once for two seconds after that. The connection is opened at the first question, so after any fork."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._client: Any = None
        self._quiet_until = 0.0
        self._told = False

    def take(self, places: str, holder: str, most: int, seconds: float) -> bool:
        """Take one of `most` places under this name for so many seconds, or keep the one that is held; whether there
        was one."""
        return bool(self._ask(lambda client: client.eval(_TAKE, 1, places, holder, most, int(seconds * 1000))))

    def keep(self, places: str, holder: str, seconds: float) -> None:
        """Hold a place for so many seconds from now, also when Redis was emptied since it was taken."""
        self._ask(lambda client: client.eval(_TAKE, 1, places, holder, 0, int(seconds * 1000)))

    def leave(self, places: str, holder: str) -> None:
        """Give a place back."""
        self._ask(lambda client: client.zrem(places, holder))

    def spend(self, number: str, known: int, most: int, seconds: int) -> tuple[bool, int]:
        """As DayCounts.spend."""
        counted, total = self._ask(lambda client: client.eval(_SPEND, 1, number, known, most, seconds))
        return bool(counted), int(total)

    def told(self, number: str) -> int:
        """As DayCounts.told."""
        return int(self._ask(lambda client: client.get(number)) or 0)

    def _ask(self, question: Any) -> Any:
        from redis import RedisError

        if time.monotonic() < self._quiet_until:
            raise Away
        try:
            answer = question(self._opened())
        except RedisError as error:
            self._quiet_until = time.monotonic() + _PAUSE
            if not self._told:
                logger.warning("redis does not answer; this process counts for itself until it does: %s", error)
            self._told = True
            raise Away from None
        if self._told:
            logger.warning("redis answers again; all nodes count together")
        self._told = False
        return answer

    def _opened(self) -> Any:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        with self._lock:
            if self._client is None:
                self._client = Redis.from_url(
                    self._url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, retry=Retry(NoBackoff(), 0)
                )
            return self._client


def shared_counts(url: str) -> SharedCounts | None:
    """Where all nodes count, from QUEUE_URL; None when that is a file, for then there is one node."""
    return SharedCounts(url) if urlsplit(url).scheme in {"redis", "rediss"} else None
