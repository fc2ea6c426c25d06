"""A tiny server on a real socket that answers SOAP by the book or breaks a connection exactly where a test wants."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_NS = "http://www.e-boekhouden.nl/soap"


def envelope(body: str) -> bytes:
    """A SOAP 1.1 envelope around `body`."""
    ns = "http://schemas.xmlsoap.org/soap/envelope/"
    return f'<soap:Envelope xmlns:soap="{ns}"><soap:Body>{body}</soap:Body></soap:Envelope>'.encode()


def answer_of(operation: str, inside: str) -> bytes:
    """The envelope of an operation's answer."""
    return envelope(
        f'<{operation}Response xmlns="{_NS}"><{operation}Result>{inside}</{operation}Result></{operation}Response>'
    )


def http(content: bytes, status: str = "200 OK", kind: str = "text/xml; charset=utf-8", extra: str = "") -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{extra}\r\n"
    return head.encode() + content


@dataclass
class Request:
    """One request as it arrived."""

    operation: str
    head: str
    body: str
    connection: int


@dataclass
class Connection:
    """One accepted connection; `number` counts from 1."""

    sock: socket.socket
    number: int
    server: RawServer

    def read(self) -> Request | None:
        """The next request, or None when the other side closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.sock.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head, re.I)
        while found and len(body) < int(found[1]):
            body += self.sock.recv(65536)
        action = re.search(rb'soapaction: "?[^"\r\n]*/(\w+)', head, re.I)
        request = Request(action[1].decode() if action else "", head.decode(), body.decode(), self.number)
        self.server.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def drip(self, data: bytes, pause: float = 0.1) -> None:
        """Send byte by byte until the other side gives up."""
        for position in range(len(data)):
            self.send(data[position : position + 1])
            time.sleep(pause)

    def wait(self) -> None:
        """Do nothing until the test is over."""
        self.server.over.wait(10)


Trick = Callable[[Connection], None]


@dataclass
class RawServer:
    """Where it listens and what arrived."""

    port: int
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/soap.asmx"

    def operations(self) -> list[str]:
        """The operations that arrived, in order."""
        return [request.operation for request in self.requests]


@contextlib.contextmanager
def raw_server(trick: Trick, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Serve every connection with `trick`, each in its own thread; with `tls`, after a handshake."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(listener.getsockname()[1], "https" if tls else "http", listener=listener)

        def serve(sock: socket.socket, number: int) -> None:
            with contextlib.suppress(OSError), contextlib.closing(sock):
                wrapped = tls.wrap_socket(sock, server_side=True) if tls else sock
                trick(Connection(wrapped, number, server))
                wrapped.close()

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listener.accept()
                    server.connections += 1
                    threading.Thread(target=serve, args=(sock, server.connections), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            server.over.set()
            # close() alone leaves the thread in accept() holding the port
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def by_the_book(**odd: Callable[[Connection], None]) -> Trick:
    """Answers OpenSession and AddFactuur as it should, except for the operations given here.

    An odd operation's function is called after its request was read; the connection ends after it.
    """

    def trick(connection: Connection) -> None:
        while (request := connection.read()) is not None:
            if request.operation in odd:
                odd[request.operation](connection)
                return
            connection.send(http(usual_answer(request)))

    return trick


def usual_answer(request: Request) -> bytes:
    """What the service says when all is well."""
    if request.operation == "OpenSession":
        return answer_of("OpenSession", "<SessionID>{SESSION}</SessionID>")
    if request.operation == "AddFactuur":
        number = re.search(r"Factuurnummer>([^<]*)<", request.body)
        return answer_of("AddFactuur", f"<Factuurnummer>{number[1] if number else ''}</Factuurnummer>")
    if request.operation == "CloseSession":
        return envelope(f'<CloseSessionResponse xmlns="{_NS}"/>')
    return answer_of(request.operation, "")
