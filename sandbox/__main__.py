"""`python -m sandbox`: start the play e-Boekhouden.nl on loopback."""

from __future__ import annotations

import argparse
import errno
import os
import secrets
import signal
import sys
import threading
from pathlib import Path

from sandbox.seed import fill_when_empty
from sandbox.server import SandboxServer
from sandbox.service import Service
from sandbox.store import Store

_SETTLING_SECONDS = 0.2


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean end, 1 when the port is busy."""
    wishes = _wishes()
    os.umask(0o077)  # the books are for who runs this, and for no other user of the machine
    store = Store(wishes.state)
    fill_when_empty(store)
    service = Service(store, idle_seconds=wishes.session_minutes * 60, identity=_identity(wishes.state))
    try:
        server = SandboxServer(wishes.port, service, latency=wishes.latency_ms / 1000)
    except OSError as why:
        store.close()
        reason = "is in use" if why.errno == errno.EADDRINUSE else f"cannot be used ({why.strerror})"
        print(
            f"sandbox: port {wishes.port} on 127.0.0.1 {reason}; choose another one with --port",
            file=sys.stderr,
        )
        return 1
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _SETTLING_SECONDS}, daemon=True).start()
    print(f"sandbox: ready on http://127.0.0.1:{server.server_address[1]}", flush=True)
    ended.wait()
    server.shutdown()
    server.server_close()
    store.close()
    return 0


def _identity(state: Path) -> str:
    """Who this is: made once and kept beside the state, for those who want to be sure whom they talk to on a port."""
    kept = state.with_name(f"{state.name}.id")
    try:
        with kept.open("x") as file:
            file.write(secrets.token_hex(16))
    except FileExistsError:
        pass
    return kept.read_text().strip()


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8099, help="0 takes any free port (default: 8099)")
    parser.add_argument("--state", type=Path, required=True, help="the SQLite file that holds everything")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="least time of every SOAP call")
    parser.add_argument("--session-minutes", type=float, default=30.0, help="how long an unused session lives")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
