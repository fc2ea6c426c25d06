"""`make run`: the play bookkeeping, the portal and the worker together on loopback, stopped together by Ctrl-C."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
PORT = int(os.environ.get("PORT", "8000"))
SANDBOX_PORT = int(os.environ.get("SANDBOX_PORT", "8099"))
DATA = Path(os.environ.get("DATA", "instance")).resolve()
PORTAL = f"http://127.0.0.1:{PORT}"
SANDBOX = f"http://127.0.0.1:{SANDBOX_PORT}"


def say(text: str) -> None:
    """One line for the person who started us."""
    print(text, flush=True)


def check_port(port: int, variable: str) -> None:
    """Leave with a clear message when somebody else listens here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SystemExit(
                f"Poort {port} is al in gebruik. Stop wat daar draait, of kies: make run {variable}={port + 1}"
            ) from None


def _die_with_parent() -> None:
    # Linux only: a killed supervisor must not leave orphans that keep the ports.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start(name: str, arguments: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start one of the three processes in its own group, so that Ctrl-C reaches us only."""
    log = (DATA / f"{name}.log").open("ab")
    return subprocess.Popen(  # nosec B603  # our own modules
        [sys.executable, "-m", *arguments],
        cwd=HERE,
        env={**os.environ, **environment},
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


def wait_for(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    """Wait until it answers, at most 30 seconds."""
    for _ in range(300):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):  # nosec B310
            return
        time.sleep(0.1)
    stop([process])
    tail = (DATA / f"{name}.log").read_text(errors="replace").splitlines()[-8:]
    raise SystemExit("\n".join([f"{name} start niet; het einde van {DATA / name}.log:", *tail]))


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, wait, and insist after 20 seconds."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + 20
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()


def prepare(environment: Mapping[str, str]) -> None:
    """Migrate the database and, on the first start of a demo, fill it."""
    from flask_migrate import upgrade

    from app import create_app
    from demo.fill import fill
    from settings import from_environment

    settings = from_environment({**os.environ, **environment})
    app = create_app(settings)
    with app.app_context():
        say("Database bijwerken ...")
        upgrade()
        if settings.demo:
            fill(app.extensions["crafter"], say)


def reset() -> None:
    """Throw away what a demo keeps, and nothing else that may lie in the folder."""
    for pattern in ("crafter.sqlite3*", "queue.sqlite3*", "sandbox.sqlite3*", "*.key", "*.log"):
        for path in DATA.glob(pattern):
            path.unlink()
    say(f"Leeggemaakt: {DATA}. De volgende make run vult de demo opnieuw.")


def announce() -> None:
    """Where to go and who to be."""
    say("")
    say(f"  Crafter      {PORTAL}")
    say(f"  e-Boekhouden {SANDBOX}   (oefenomgeving)")
    say("")
    say("  Inloggen met wachtwoord werkbon-demo-2026 als")
    for who in ("eigenaar@installatie.example", "planner@installatie.example", "monteur@installatie.example",
                "eigenaar@bouw.example", "support@crafter.example"):  # fmt: skip
        say(f"    {who}")
    say("")
    say("  Stoppen: Ctrl-C")


def main() -> None:
    """Start all, wait, stop all."""
    if sys.argv[1:] == ["reset"]:
        check_port(PORT, "PORT")
        reset()
        return
    check_port(PORT, "PORT")
    check_port(SANDBOX_PORT, "SANDBOX_PORT")
    DATA.mkdir(parents=True, exist_ok=True)
    metrics = DATA / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)  # what the processes of the last time counted
    metrics.mkdir()
    environment = {
        "DATA": str(DATA),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "BASE_URL": os.environ.get("BASE_URL", PORTAL),
        "EBOEKHOUDEN_URL": os.environ.get("EBOEKHOUDEN_URL", f"{SANDBOX}/soap.asmx"),
    }
    processes: list[subprocess.Popen[bytes]] = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        sandbox_state = str(DATA / "sandbox.sqlite3")
        processes.append(
            start("sandbox", ["sandbox", "--port", str(SANDBOX_PORT), "--state", sandbox_state], environment)
        )
        wait_for(f"{SANDBOX}/control/health", processes[-1], "sandbox")
        prepare(environment)
        gunicorn = ["gunicorn", "app:create_app()", "--bind", f"127.0.0.1:{PORT}", "--worker-class", "gthread",
                    "--workers", "2", "--threads", "8", "--graceful-timeout", "30", "--no-control-socket"]  # fmt: skip
        processes.append(start("portal", gunicorn, environment))
        processes.append(start("worker", ["jobs"], environment))
        wait_for(f"{PORTAL}/readyz", processes[1], "portal")
        announce()
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        say("Een van de processen is gestopt; kijk in de logbestanden in " + str(DATA))
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nStoppen ...")
    finally:
        stop(processes)


if __name__ == "__main__":
    main()
