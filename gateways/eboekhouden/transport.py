"""HTTP to e-Boekhouden: one host, a hard deadline, and certainty about whether anything left.

Exception classes cannot tell sent from not sent (a TLS reset looks like a lost answer), so the connection
itself marks the moment before the first byte of a request goes out.
"""

from __future__ import annotations

import contextlib
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
import urllib3
from lxml import etree
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from domain.message import Message
from domain.notes import note
from domain.posting import may_start

MIB = 1024 * 1024
_IDLE_SECONDS = 30.0
_XML_TYPES = ("text/xml", "application/xml", "application/soap+xml")


class Trouble(Exception):
    """No usable answer. Why is technical, and never holds anything of an envelope."""

    def __init__(self, why: Message) -> None:
        super().__init__(str(why))
        self.why = why


class TooBig(Trouble):
    """The answer is more than we read."""


class Withheld(Trouble):
    """We kept it back ourselves; that says nothing about how they are."""


def _nowhere(moment: str) -> None:
    """Nobody wants to know."""


class Call:
    """One round trip: its time, its size limit, and what is known of it. Use it as a context around the call.

    `total` is seconds from entering the context, however slowly bytes drip; `cap` bytes of answer; nothing
    leaves after `start_by` (time.monotonic seconds); `own_connection` asks for a connection of its own. `left` tells
    afterwards whether any byte of the request may have left. `reached` hears each moment of the round trip as it
    comes: before_first_byte, mid_request, after_last_byte, mid_answer, after_answer.
    """

    def __init__(
        self, total: float, cap: int = 8 * MIB, start_by: float = math.inf, own_connection: bool = False
    ) -> None:
        self.total = total
        self.cap = cap
        self.start_by = start_by
        self.own_connection = own_connection
        self.reached: Callable[[str], None] = _nowhere
        self.left = False
        self.expired = False
        self._deadline = math.inf
        self._over = False
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None

    def __enter__(self) -> Call:
        self._deadline = time.monotonic() + self.total
        self._timer = threading.Timer(self.total, self._expire)
        self._timer.daemon = True
        self._timer.start()
        _under_way.call = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _under_way.call = None
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._watched is not None:
                self._watched.close()

    def remaining(self) -> float:
        """Seconds left. Raises Trouble when there are none."""
        seconds = self._deadline - time.monotonic()
        if self.expired or seconds <= 0:
            raise self.too_late()
        return seconds

    def too_late(self) -> Trouble:
        """The trouble of a deadline that has passed."""
        return Trouble(note("call.too_late", seconds=f"{self.total:g}"))

    def watch(self, sock: socket.socket) -> None:
        """Have this connection cut at the deadline."""
        # a duplicate: TLS detaches the plain socket, and shutting a duplicate down cuts the connection
        duplicate = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            if self._watched is not None:
                self._watched.close()
            self._watched = duplicate
        self.remaining()

    def about_to_send(self, sock: socket.socket) -> None:
        """Called right before bytes go. Raises Trouble or Withheld when it is too late for that."""
        if self._watched is None:
            self.watch(sock)
        self.remaining()
        if not may_start(time.monotonic(), self.start_by):
            raise Withheld(note("call.not_started"))
        self.left = True

    def _expire(self) -> None:
        with self._lock:
            if self._over:
                return
            self.expired = True
            if self._watched is not None:
                with contextlib.suppress(OSError):
                    self._watched.shutdown(socket.SHUT_RDWR)


class _UnderWay(threading.local):
    call: Call | None = None


_under_way = _UnderWay()


def _call() -> Call:
    if _under_way.call is None:
        raise RuntimeError("a request to e-Boekhouden needs a Call around it")
    return _under_way.call


class _Marked:
    """Mixed into a urllib3 connection: tells the call which socket it uses and when bytes go."""

    sock: Any
    _sent_at = -math.inf

    def _new_conn(self) -> socket.socket:
        sock: socket.socket = super()._new_conn()  # type: ignore[misc]
        try:
            _call().watch(sock)
        except Trouble:
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]  # else http.client connects after our mark
        call = _call()
        moment = "mid_request" if call.left else "before_first_byte"  # the head goes first, then the body
        call.about_to_send(self.sock)
        self._sent_at = time.monotonic()
        call.reached(moment)
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        call = _call()
        call.reached("after_last_byte")
        response = super().getresponse()  # type: ignore[misc]
        call.reached("mid_answer")  # the head is read, the body is not
        return response

    @property
    def is_connected(self) -> bool:
        """Whether the pool may use it again: not when it lay idle, for a firewall may have dropped it."""
        young = time.monotonic() - self._sent_at < _IDLE_SECONDS
        return young and bool(super().is_connected)  # type: ignore[misc]


class _Plain(_Marked, HTTPConnection):
    pass


class _Secured(_Marked, HTTPSConnection):
    pass


class _UsedOnce(_Marked):
    """Counts as lost when the pool looks at it again, so that it connects anew, whatever the other side kept open."""

    @property
    def is_connected(self) -> bool:
        return False


class _PlainOnce(_UsedOnce, HTTPConnection):
    pass


class _SecuredOnce(_UsedOnce, HTTPSConnection):
    pass


def _pools(plain: type[HTTPConnection], secured: type[HTTPSConnection]) -> dict[str, type]:
    return {
        "http": type("_PlainPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("_SecuredPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": secured}),
    }


_KEPT, _ONCE = _pools(_Plain, _Secured), _pools(_PlainOnce, _SecuredOnce)


class _Adapter(HTTPAdapter):
    def __init__(self, pools: dict[str, type], size: int) -> None:
        self._pools = pools
        super().__init__(pool_connections=1, pool_maxsize=size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


def _new_session(pools: dict[str, type], pool_size: int) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy, .netrc or certificate bundle from the environment
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # tenants share this session
    for prefix in ("http://", "https://"):
        session.mount(prefix, _Adapter(pools, pool_size))
    return session


@dataclass(frozen=True)
class Answer:
    """A whole answer, in the shape zeep reads."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"


class Transport:
    """What zeep needs of a transport. `connect` is the time to connect in seconds."""

    def __init__(self, endpoint: str, connect: float, pool_size: int = 32) -> None:
        self._endpoint = endpoint
        self._connect = connect
        self._session = _new_session(_KEPT, pool_size)
        self._once = _new_session(_ONCE, pool_size)

    def load(self, url: str) -> bytes:
        """A file of our own. Nothing is ever fetched: raises ValueError for an address."""
        if "://" in url:
            raise ValueError(f"refuses to fetch {url}")
        return Path(url).read_bytes()

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> Answer:
        """Send an envelope within the Call under way; answers HTTP 200 or 500 with XML, or raises Trouble."""
        if address != self._endpoint:
            raise Withheld(note("call.other_address"))
        body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
        sent = {**headers, "Accept": "text/xml", "Accept-Encoding": "identity", "User-Agent": "Crafter"}
        if not _call().own_connection:
            return self._exchange(self._session, body, sent)
        return self._exchange(self._once, body, {**sent, "Connection": "close"})

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()
        self._once.close()

    def _exchange(self, session: requests.Session, body: bytes, headers: Mapping[str, str]) -> Answer:
        call = _call()
        seconds = call.remaining()
        timeout = (min(self._connect, seconds), seconds)
        try:
            with session.post(
                self._endpoint,
                data=body,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                call.remaining()  # a head that was cut by the clock reads like a short one
                _check_head(response)
                content = b"".join(_pieces(response, call))
                call.reached("after_answer")
                answer = Answer(response.status_code, dict(response.headers), content)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            why = _reason(error)
        else:
            # a cut answer without a length looks like a clean end, so the clock has the last word
            call.remaining()
            if not answer.content:
                raise Trouble(note("call.empty", status=answer.status_code))
            return answer
        # raised here, outside the except: the cause would carry the request with its codes along
        raise call.too_late() if call.expired else Trouble(why)


def _pieces(response: requests.Response, call: Call) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(64 * 1024):
        call.remaining()
        size += len(piece)
        if size > call.cap:
            raise TooBig(note("call.too_big", bytes=call.cap))
        yield piece


def _check_head(response: requests.Response) -> None:
    status = response.status_code
    if 300 <= status < 400:
        raise Trouble(note("call.redirected", status=status))
    if status not in (200, 500):
        raise Trouble(note("call.http", status=status))
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in _XML_TYPES:
        raise Trouble(note("call.no_xml", status=status, kind=kind[:40] or note("call.unknown_content")))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Trouble(note("call.compressed"))


_REASONS: tuple[tuple[type[BaseException], str], ...] = (
    (urllib3.exceptions.NameResolutionError, "call.no_dns"),
    # a subclass of the one below it, so it comes first
    (urllib3.exceptions.NewConnectionError, "call.no_connection"),
    (urllib3.exceptions.ConnectTimeoutError, "call.no_connection_in_time"),
    (urllib3.exceptions.SSLError, "call.no_tls"),
    (urllib3.exceptions.ReadTimeoutError, "call.no_answer_in_time"),
    (urllib3.exceptions.IncompleteRead, "call.half"),
    (urllib3.exceptions.ProtocolError, "call.cut"),
)


def _reason(error: BaseException) -> Message:
    """What happened, from the classes in the chain; never from their texts."""
    for kind, key in _REASONS:
        if any(isinstance(one, kind) for one in _chain(error)):
            return note(key)
    return note("call.failed", kind=type(error).__name__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
        waiting.extend(item for item in inner if isinstance(item, BaseException))
