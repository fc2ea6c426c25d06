"""A wire that listens: passes SOAP calls on to the play bookkeeping and keeps what was said, byte for byte."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# loopback is never reached through a proxy, whatever the environment says
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Recorder:
    """Where it listens, the bodies that came by, oldest first, and how many seconds each waited for its answer."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@contextmanager
def recording(soap_url: str) -> Iterator[Recorder]:
    """A recorder before this address."""

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            began = time.perf_counter()
            body = self.rfile.read(int(self.headers["Content-Length"]))
            recorder.bodies.append(body)
            kept = {name: self.headers[name] for name in ("Content-Type", "SOAPAction") if name in self.headers}
            try:
                answer = _OPENER.open(urllib.request.Request(soap_url, body, kept), timeout=20)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                content = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            recorder.seconds.append(time.perf_counter() - began)
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
        recorder = Recorder(f"http://127.0.0.1:{server.server_address[1]}/soap.asmx")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield recorder
        finally:
            server.shutdown()
