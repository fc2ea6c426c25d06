"""gunicorn's threads get whole requests: a real gunicorn of one process and one thread, and raw sockets."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.cluster.house import free_port
from tests.support.waiting import until
from web.odd_input import MOST_BYTES

ROOT = Path(__file__).parents[1]
# echoes what it was sent; a body that the portal would refuse it does not read either
_APP = f"""
def halfway():
    yield b"the first piece"
    raise RuntimeError("halfway")

def app(environ, start):
    if environ["PATH_INFO"] == "/breaks":
        start("200 OK", [("Content-Type", "text/csv")])
        return halfway()
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length <= {MOST_BYTES} else b"too much"
    said = environ["PATH_INFO"].encode() + b" " + body + b"."
    start("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(said)))])
    return [said]
"""
_CONFIGURATION = """
from web import whole_requests
whole_requests.WHOLE_WITHIN = {within}
whole_requests.MOST_WAITING = {waiting}
worker_class, workers, threads, control_socket_disable = {worker}, 1, 1, True
"""
HALF_A_HEAD = b"GET /half HTTP/1.1\r\nHost: crafter.example\r\nX-More:"
HALF_A_BODY = b"POST /half HTTP/1.1\r\nHost: crafter.example\r\nContent-Length: 100\r\n\r\nhalf"
GUARD = 60  # seconds: against waiting for ever


class Server:
    """A gunicorn, and raw connections to it that are closed at the end."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, stack: ExitStack) -> None:
        self.process = process
        self.port = port
        self._stack = stack

    def open(self, sent: bytes = b"") -> socket.socket:
        """A connection on which this was sent."""
        opened = self._stack.enter_context(closing(socket.create_connection(("127.0.0.1", self.port), GUARD)))
        opened.sendall(sent)
        return opened

    def asked(self, path: str) -> bytes:
        """The answer to a request of somebody who does it right."""
        opened = self.open(f"GET {path} HTTP/1.1\r\nHost: crafter.example\r\nConnection: close\r\n\r\n".encode())
        return read(opened)


def read(opened: socket.socket) -> bytes:
    """What comes until the other side closes."""
    return b"".join(iter(lambda: opened.recv(65536), b""))


def read_until(opened: socket.socket, end: bytes) -> bytes:
    """What comes until it ends so."""
    got = b""
    while not got.endswith(end):
        piece = opened.recv(65536)
        assert piece, got
        got += piece
    return got


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts one: `within` is how long a request may take to come, `waiting` how many may be on their way."""
    with ExitStack() as stack:

        def start(within: float = 300, waiting: int = 500, worker: str = "whole_requests.WholeRequests") -> Server:
            (tmp_path / "echo.py").write_text(_APP)
            (tmp_path / "conf.py").write_text(_CONFIGURATION.format(within=within, waiting=waiting, worker=worker))
            port = free_port()
            command = [sys.executable, "-m", "gunicorn", "-c", str(tmp_path / "conf.py"), "--bind", f"127.0.0.1:{port}"]
            with (tmp_path / "said").open("wb") as said:
                process = subprocess.Popen([*command, "--pythonpath", str(tmp_path), "echo:app"], cwd=ROOT, stderr=said)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            server = Server(process, port, stack.enter_context(ExitStack()))

            def listens() -> bool:
                try:
                    return b"/ready" in server.asked("/ready")
                except OSError:
                    assert process.poll() is None, (tmp_path / "said").read_text()
                    return False

            until(listens)
            return server

        yield start


def test_who_sends_half_of_a_request_holds_no_thread(serve: Callable[..., Server]) -> None:
    """Forty of them and one thread: with gunicorn's own threads nobody else is answered until they go."""
    server = serve()
    for number in range(40):
        server.open(HALF_A_HEAD if number % 2 else HALF_A_BODY)
        server.open()
    assert server.asked("/healthz").endswith(b"/healthz .")


def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(serve: Callable[..., Server]) -> None:
    """A long download leaves as it is made (blueprints/_csv.py): what goes wrong halfway ends it without its end."""
    server = serve()
    said = server.asked("/breaks")
    assert b"Transfer-Encoding: chunked" in said
    assert b"the first piece" in said
    assert not said.endswith(b"0\r\n\r\n")
    assert server.asked("/healthz").endswith(b"/healthz .")


def test_half_a_request_has_a_limit(serve: Callable[..., Server]) -> None:
    server = serve(within=0.5)
    halves = [server.open(HALF_A_HEAD), server.open(HALF_A_BODY)]
    silent = server.open()
    assert [read(half).split(b"\r\n")[0] for half in halves] == [b"HTTP/1.1 408 Request Timeout"] * 2
    assert read(silent) == b""


def test_the_longest_waiting_makes_place(serve: Callable[..., Server]) -> None:
    server = serve(waiting=10)
    halves = [server.open(HALF_A_HEAD) for _ in range(15)]
    assert read(halves[0]).startswith(b"HTTP/1.1 408")
    assert server.asked("/healthz").endswith(b"/healthz .")


def test_pieces_are_put_together_and_requests_follow_each_other(serve: Callable[..., Server]) -> None:
    server = serve()
    opened = server.open()
    whole = b"POST /one HTTP/1.1\r\nHost: crafter.example\r\nCONTENT-length : 5\r\n\r\n".replace(b" :", b":")
    for place in range(len(whole)):
        opened.sendall(whole[place : place + 1])
    opened.sendall(b"first")
    assert read_until(opened, b"/one first.")
    long = b"q" * MOST_BYTES
    opened.sendall(b"POST /two HTTP/1.1\r\nHost: crafter.example\r\nContent-Length: %d\r\n\r\n" % len(long) + long)
    assert read_until(opened, b"q.").count(b"q") == MOST_BYTES
    two = b"GET /%s HTTP/1.1\r\nHost: crafter.example\r\n\r\n"
    opened.sendall(two % b"three" + two % b"four" + HALF_A_BODY)
    assert b"/three ." in read_until(opened, b"/four .")
    opened.sendall(b" and the other half".ljust(96, b"!"))
    assert b"half and the other half!" in read_until(opened, b"!.")


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(serve: Callable[..., Server]) -> None:
    opened = serve().open(
        b"POST /one HTTP/1.1\r\nHost: crafter.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    assert opened.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    opened.sendall(b"first")
    assert b"200 OK" in read_until(opened, b"/one first.")


def test_what_never_is_whole_is_refused_and_what_is_too_long_waits_for_nothing(serve: Callable[..., Server]) -> None:
    server = serve()
    head = b"POST /one HTTP/1.1\r\nHost: crafter.example\r\n"
    assert read(server.open(head + b"Transfer-Encoding: chunked\r\n\r\n")).startswith(b"HTTP/1.1 411")
    assert read(server.open(head + b"X-Long: " + b"x" * 66_000)).startswith(b"HTTP/1.1 431")
    assert read(server.open(head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n")).startswith(b"HTTP/1.1 400")
    much = head + b"Content-Length: %d\r\n\r\n" % (MOST_BYTES + 1)
    assert read(server.open(much)).endswith(b"/one too much.")


def test_who_does_not_close_after_the_last_answer_stops_nobody(serve: Callable[..., Server]) -> None:
    """gunicorn waits two seconds for each of them, one after another, and reads nobody meanwhile."""
    server = serve()
    last = b"GET /last HTTP/1.1\r\nHost: crafter.example\r\nConnection: close\r\n\r\n"
    kept = [server.open(last) for _ in range(60)]
    assert server.asked("/healthz").endswith(b"/healthz .")
    assert all(read(opened).endswith(b"/last .") for opened in kept)


def test_who_sends_nothing_or_half_does_not_keep_a_process_from_ending(serve: Callable[..., Server]) -> None:
    server = serve()
    silent, half = server.open(), server.open(HALF_A_HEAD)
    assert server.asked("/healthz")  # both have been seen
    server.process.send_signal(signal.SIGTERM)
    assert read(silent) == b""
    assert read(half).startswith(b"HTTP/1.1 408")
    assert server.process.wait(GUARD) == 0
