"""gunicorn's threads, which get a request when all of it is in: who sends half of one holds no thread.

gunicorn's own threads read head and body themselves and wait for both without end, so as many half requests as there
are threads stop a portal. Here one loop per process reads what comes, of everybody at once, and the same loop waits for
who is slow to close. What a request is stays gunicorn's to say: the bytes go through its parser as they came.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import struct
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from web.odd_input import MOST_BYTES

WHOLE_WITHIN = 30.0  # seconds for all of a request: a long form on a phone with a bad line fits in
STOPPING = 2.0  # of them when the process is asked to end
CLOSED_WITHIN = 2.0  # seconds for who got the last answer to close
MOST_OF_A_HEAD = 64 * 1024
MOST_WAITING = 500  # of one process; the one that has been here longest makes place
_SILENCE = 30  # seconds a thread waits for who takes no answer, or for a byte that gunicorn misses and we did not
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(rb"^transfer-encoding[ \t]*:", re.IGNORECASE | re.MULTILINE)
_EXPECTS = re.compile(rb"^expect[ \t]*:[ \t]*100-continue[ \t]*$", re.IGNORECASE | re.MULTILINE)
_REFUSED = "HTTP/1.1 {}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_TOO_LATE, _NO_LENGTH, _TOO_LONG = (
    _REFUSED.format(why).encode()
    for why in ("408 Request Timeout", "411 Length Required", "431 Request Header Fields Too Large")
)


class _Arriving:
    """What has come of a request so far. `whole` is how many bytes it will be, once its head says so."""

    def __init__(self, until: float, given: bytes) -> None:
        self.until = until
        self.given = bytearray(given)
        self.whole: int | None = None
        self._looked_at = 0

    def wants(self) -> bytes | None:
        """Nothing when all is in that is waited for; empty when more has to come; else an answer that refuses it."""
        if self.whole is None:
            end = self.given.find(b"\r\n\r\n", max(0, self._looked_at - 3))
            self._looked_at = len(self.given)
            if end < 0:
                return _TOO_LONG if len(self.given) > MOST_OF_A_HEAD else b""
            head = bytes(self.given[:end]).replace(b"\r\n", b"\n")
            if _CODED.search(head):
                return _NO_LENGTH  # browsers always say it, and without it we cannot tell what is whole
            lengths = _LENGTH.findall(head)
            length = int(lengths[0]) if len(lengths) == 1 else 0
            # what is more than the portal reads goes on with its head only, to be refused with a page
            self.whole = end + 4 + (length if length <= MOST_BYTES else 0)
            if len(self.given) < self.whole and _EXPECTS.search(head):
                return b"HTTP/1.1 100 Continue\r\n\r\n"
        return None if len(self.given) >= self.whole else b""


class WholeRequests(ThreadWorker):
    """The worker of gunicorn.conf.py."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: dict[TConn, _Arriving] = {}
        self._leaving: dict[TConn, float] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """Every connection comes here, when it is new and when it goes on; a thread gets it when a request is whole."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)  # gunicorn's own certificate: for trying out, a proxy has it otherwise
            return
        if len(self._arriving) >= MOST_WAITING:
            self._drop(next(iter(self._arriving)), _TOO_LATE)
        given = conn.parser.unreader.take_buffered() if conn.parser else b""
        conn.sock.setblocking(False)
        self._arriving[conn] = _Arriving(time.monotonic() + WHOLE_WITHIN, given)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))
        self._look(conn)

    def _read(self, conn: TConn, sock: socket.socket) -> None:
        try:
            piece = sock.recv(64 * 1024)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._drop(conn)
            return
        self._arriving[conn].given += piece
        self._look(conn)

    def _look(self, conn: TConn) -> None:
        """Hand a whole request on; refuse one that will never be."""
        arriving = self._arriving[conn]
        said = arriving.wants()
        if said is None:
            del self._arriving[conn]
            self.poller.unregister(conn.sock)
            for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                conn.sock.setsockopt(socket.SOL_SOCKET, side, struct.pack("ll", _SILENCE, 0))
            conn.data_ready = True
            conn.init()
            conn.parser.unreader.unread(bytes(arriving.given))
            super().enqueue_req(conn)
        elif said.startswith(b"HTTP/1.1 1"):
            _say(conn, said)
        elif said:
            self._drop(conn, said)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """A body that is more than the portal reads is not waited for: nothing comes after it."""
        request = conn.parser.mesg
        length = dict(request.headers).get("CONTENT-LENGTH", "0") if request else "0"
        too_much = length.isdigit() and int(length) > MOST_BYTES
        return bool(super()._keepalive_after(conn, keepalive and not too_much))

    def finish_request(self, conn: TConn, done: Future[Any]) -> None:
        """An answer is out. gunicorn would stand still here until a client that got its last one closes too."""
        last = not done.cancelled() and done.exception() is None and done.result() is False
        if not last:
            super().finish_request(conn, done)
            return
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read_away, conn))
        except (OSError, ValueError):
            self._close(conn)
        else:
            self._leaving[conn] = time.monotonic() + CLOSED_WITHIN

    def _read_away(self, conn: TConn, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if sock.recv(64 * 1024):
                return
        self._leave(conn)

    def murder_pending(self) -> None:
        """Called each second at least: end what has taken too long."""
        super().murder_pending()
        now = time.monotonic()
        for conn, until in list(self._leaving.items()):
            if until <= now:
                self._leave(conn)
        for conn, arriving in list(self._arriving.items()):
            if not self.alive:
                arriving.until = min(arriving.until, now + STOPPING) if arriving.given else now
            if arriving.until <= now:
                self._drop(conn, _TOO_LATE if arriving.given else b"")

    def _drop(self, conn: TConn, said: bytes = b"") -> None:
        del self._arriving[conn]
        if said:
            _say(conn, said)
        self._let_go(conn)

    def _leave(self, conn: TConn) -> None:
        del self._leaving[conn]
        self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        with contextlib.suppress(OSError, KeyError, ValueError):
            self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _say(conn: TConn, text: bytes) -> None:
    """A few bytes to a socket that is not waited for; who cannot take them is not told."""
    with contextlib.suppress(OSError):
        conn.sock.send(text)
