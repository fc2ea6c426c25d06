"""The HTTP server: keep-alive connections, one thread each, and the ways to deliver an answer badly."""

from __future__ import annotations

import os
import re
import socket
import struct
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import unquote, urlsplit

from sandbox.answer import HTML, Answer, Delivery, problem
from sandbox.control import Control
from sandbox.pages import Site
from sandbox.service import Service
from sandbox.wsdl import wsdl_text

LARGEST_BODY = 4 * 1024 * 1024
_ADDRESS = "/soap.asmx"
_LOOPBACK_NAMES = re.compile(r"(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?")
_DRIPS = 200
# a reset throws away what the caller has not read yet, so it gets time to read the first half
_HEARD_SECONDS = 0.05
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_HALVES = (Delivery.HALF, Delivery.HALF_RESET)
_CLOSING = (Delivery.NOTHING, Delivery.RESET, *_HALVES)


class SandboxServer(ThreadingHTTPServer):
    """Listens on loopback. `latency` is the seconds that every SOAP call takes at least."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, service: Service, latency: float = 0.0) -> None:
        self.service = service
        self.control = Control(service)
        self.site = Site(service)
        self.latency = latency
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        """Bind without asking DNS for a name of this machine, as the parent class would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Callers that hang up are the daily work of this server; anything else is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "Sandbox"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True
    server: SandboxServer

    def do_GET(self) -> None:
        """Pages, the WSDL, and what the control API tells."""
        self._handle()

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: calls are kept in the call log, masked."""

    def _handle(self) -> None:
        body = self._body()
        if isinstance(body, Answer):
            self.close_connection = True
            self._deliver(body)
        else:
            self._deliver(self._answer(body))

    def _body(self) -> bytes | Answer:
        """The body of the request, or the answer that refuses it."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"\d{1,12}", length, re.ASCII):
            return problem(411, "a plain Content-Length is needed")
        if int(length) > LARGEST_BODY:
            return problem(413, f"the body is larger than {LARGEST_BODY} bytes")
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else Answer(delivery=Delivery.NOTHING)

    def _answer(self, body: bytes) -> Answer:
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path.lower() == _ADDRESS:
            return self._soap(parts.query, body)
        # a page elsewhere must not be able to reach in by a name that it lets point to loopback
        if not _LOOPBACK_NAMES.fullmatch(self.headers.get("Host", "")):
            return problem(403, "only to be reached by a loopback address")
        if path.startswith("/control/"):
            if self.command != "GET" and self.headers.get("Origin") is not None:
                return problem(403, "the control API is not for browsers")
            return self.server.control.answer(self.command, parts.path, body)
        if self.command == "POST":
            content_type = self.headers.get("Content-Type", "")
            return self.server.site.post(path, body, content_type, self.headers.get("Sec-Fetch-Site"))
        if self.command != "GET":
            return problem(405, "only GET and POST here")
        return self.server.site.get(path, parts.query)

    def _soap(self, query: str, body: bytes) -> Answer:
        if self.command == "GET":
            if query.lower().startswith("wsdl"):
                host = self.headers.get("Host") or f"127.0.0.1:{self.server.server_address[1]}"
                return Answer(body=wsdl_text(f"http://{host}{_ADDRESS}"))
            text = "<p>Hier luistert de oefen-boekhouding naar SOAP. <a href='?wsdl'>WSDL</a></p>"
            return Answer(body=text.encode(), content_type=HTML)
        if self.command != "POST":
            return problem(405, "only GET and POST here")
        if self.server.latency:
            time.sleep(self.server.latency)
        return self.server.service.answer(body, self._soap_action())

    def _soap_action(self) -> str:
        if action := self.headers.get("SOAPAction"):
            return action
        found = re.search(r'action="([^"]*)"', self.headers.get("Content-Type", ""))
        return found[1] if found else ""

    def _deliver(self, answer: Answer) -> None:
        if answer.delivery in _CLOSING:
            self.close_connection = True
        if answer.delivery is Delivery.NOTHING:
            return
        if answer.delivery is Delivery.RESET:
            self._reset()
            return
        # headers and body leave in one write, so that no answer is held up between two small packets
        head = self._head(answer)
        if answer.delivery is Delivery.DRIP:
            self._drip(head, answer)
        else:
            length = len(answer.body) // 2 if answer.delivery in _HALVES else len(answer.body)
            self.wfile.write(head + answer.body[:length])
            if answer.delivery is Delivery.HALF_RESET:
                time.sleep(_HEARD_SECONDS)
                self._reset()

    def _head(self, answer: Answer) -> bytes:
        lines = {
            "Server": self.server_version,
            "Date": self.date_time_string(),
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.body)),
            **answer.headers,
        }
        if self.close_connection:
            lines["Connection"] = "close"
        reason = self.responses[HTTPStatus(answer.status)][0]
        status_line = f"{self.protocol_version} {answer.status} {reason}"
        return "\r\n".join([status_line, *(f"{name}: {text}" for name, text in lines.items()), "", ""]).encode()

    def _drip(self, head: bytes, answer: Answer) -> None:
        self.wfile.write(head)
        size = max(1, len(answer.body) // _DRIPS)
        pieces = range(0, len(answer.body), size)
        for start in pieces:
            self.wfile.write(answer.body[start : start + size])
            time.sleep(answer.seconds / len(pieces))

    def _reset(self) -> None:
        # lingering for zero seconds makes the kernel answer with RST where it would have said FIN
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        os.close(self.connection.detach())
