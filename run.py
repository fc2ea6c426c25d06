"""`make run`: the play bookkeeping, the portal and the worker together on loopback, stopped together by Ctrl-C."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import data_folder
import defaults

HERE = Path(__file__).resolve().parent
DEMO = "demo"
_START_SECONDS = 120
_INSIST_SECONDS = 35  # a press under way may take its 20 seconds, and the portal gives it 30
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Place:
    """Where this demo runs: its two ports and its folder."""

    port: int
    sandbox_port: int
    data: Path

    @property
    def portal(self) -> str:
        """The portal's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        """The play bookkeeping's address."""
        return f"http://127.0.0.1:{self.sandbox_port}"


def place_from(environ: Mapping[str, str]) -> Place:
    """What PORT, SANDBOX_PORT and DATA say. Raises WrongVariable."""
    found = Place(defaults.port(environ, "PORT"), defaults.port(environ, "SANDBOX_PORT"), data_folder.find(environ))
    if found.port == found.sandbox_port:
        raise defaults.WrongVariable(
            f"PORT en SANDBOX_PORT zijn allebei {found.port}, en op een poort past er een. Kies er twee."
        )
    return found


def refuse_another_mode(environ: Mapping[str, str]) -> None:
    """Leave when something else than a demo is asked for: what we start has passwords that everybody knows."""
    asked = environ.get("CRAFTER_ENV", "").strip()
    if asked not in {"", DEMO}:
        raise SystemExit(
            f"make run start alleen een demo, en CRAFTER_ENV zegt {asked!r}. Haal CRAFTER_ENV weg, of start portaal en "
            "worker zoals de README zegt."
        )


def say(text: str) -> None:
    """One line for the person who started us."""
    print(text, flush=True)


def check_port(port: int, variable: str) -> None:
    """Leave with a clear message when we cannot listen here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            other = port + 1 if 1024 <= port < 65535 else 8080
            why = "is al in gebruik" if error.errno == errno.EADDRINUSE else f"kan niet ({error.strerror})"
            raise SystemExit(
                f"Poort {port} {why}. Stop wat daar draait, of kies: make run {variable}={other}"
            ) from None


def _die_with_parent() -> None:
    # Linux only: a killed supervisor must not leave orphans that keep the ports.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start(name: str, arguments: list[str], data: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start one of the three processes in its own group, so that Ctrl-C reaches us only."""
    with (data / f"{name}.log").open("ab") as log:
        return subprocess.Popen(  # nosec B603  # our own modules
            [sys.executable, "-m", *arguments],
            cwd=HERE,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until it answers; a crowded machine is given its time, one that ended is not waited for."""
    local = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), local.open(url, timeout=5):
            return
        time.sleep(0.1)
    tail = log.read_text(errors="replace").splitlines()[-8:]
    raise SystemExit("\n".join([f"{log.stem} start niet; het einde van {log}:", *tail]))


def stop(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, wait, and insist after a while. A second Ctrl-C meanwhile changes nothing."""
    for number in _ENDS:
        signal.signal(number, signal.SIG_IGN)
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until = time.monotonic() + _INSIST_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # each leads a group of its own, with its children in it
            process.wait()


def prepare(environment: Mapping[str, str]) -> None:
    """Migrate the database and, on the first start of a demo, fill it. Leaves with the reason when that cannot be."""
    from flask_migrate import upgrade

    from app import create_app
    from demo.fill import fill
    from demo.play_books import CannotFill
    from settings import from_environment

    settings = from_environment({**os.environ, **environment})
    app = create_app(settings)
    with app.app_context():
        say("Database bijwerken ...")
        upgrade()
        try:
            fill(app.extensions["crafter"], say)
        except CannotFill as error:
            raise SystemExit(str(error)) from None


def reset(data: Path) -> None:
    """Throw away what a demo keeps, and nothing else that may lie in the folder."""
    if os.environ.get("DATABASE_URL"):
        raise SystemExit(
            "DATABASE_URL wijst een eigen database aan, en make demo-reset maakt alleen DATA leeg. Er is niets "
            "weggehaald. Haal DATABASE_URL weg, of maak die database zelf leeg."
        )
    if data_folder.empty(data):
        say(f"Leeggemaakt: {data}. De volgende make run vult de demo opnieuw.")
    else:
        say(f"Er is nog niets om leeg te maken: {data} bestaat niet. make run vult de demo.")


def announce(place: Place) -> None:
    """Where to go and who to be."""
    say("")
    say(f"  Crafter      {place.portal}")
    say(f"  e-Boekhouden {place.sandbox}   (oefenomgeving)")
    say("")
    say("  Inloggen met wachtwoord werkbon-demo-2026 als")
    for who in ("eigenaar@installatie.example", "planner@installatie.example", "monteur@installatie.example",
                "eigenaar@bouw.example", "support@crafter.example"):  # fmt: skip
        say(f"    {who}")
    say("")
    say("  Stoppen: Ctrl-C")


def run(place: Place) -> None:
    """Start all three, wait until told to end or one ends by itself, stop all."""
    data = place.data
    metrics = data / data_folder.METRICS
    shutil.rmtree(metrics, ignore_errors=True)  # what the processes of the last time counted
    metrics.mkdir(exist_ok=True)
    environment = {
        "CRAFTER_ENV": DEMO,
        "DATA": str(data),
        "PORT": str(place.port),
        "SANDBOX_PORT": str(place.sandbox_port),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "SUPPORT_EMAIL": os.environ.get("SUPPORT_EMAIL") or "support@crafter.example",
        "BASE_URL": os.environ.get("BASE_URL") or place.portal,
        "EBOEKHOUDEN_URL": os.environ.get("EBOEKHOUDEN_URL") or f"{place.sandbox}/soap.asmx",
    }
    processes: list[subprocess.Popen[bytes]] = []
    try:
        state = str(data / "sandbox.sqlite3")
        sandbox = ["sandbox", "--port", str(place.sandbox_port), "--state", state]
        processes.append(start("sandbox", sandbox, data, environment))
        wait_for(f"{place.sandbox}/control/health", processes[-1], data / "sandbox.log")
        prepare(environment)
        gunicorn = ["gunicorn", "--bind", f"127.0.0.1:{place.port}"]  # the rest stands in gunicorn.conf.py
        processes.append(start("portal", gunicorn, data, environment))
        processes.append(start("worker", ["jobs"], data, environment))
        wait_for(f"{place.portal}/readyz", processes[1], data / "portal.log")
        announce(place)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise SystemExit(f"Een van de processen is gestopt; kijk in de logbestanden in {data}")
    except KeyboardInterrupt:
        say("\nStoppen ...")
    finally:
        stop(processes)


def main() -> None:
    """`run.py` runs the demo, `run.py reset` empties its folder."""
    data_folder.write_for_us_alone()
    if sys.argv[1:] == ["reset"]:
        reset(data_folder.find(os.environ))
        return
    refuse_another_mode(os.environ)
    place = place_from(os.environ)
    check_port(place.port, "PORT")
    check_port(place.sandbox_port, "SANDBOX_PORT")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # what the one who started us ignores (nohup) stays ignored
            signal.signal(number, lambda *_: sys.exit(0))
    with data_folder.prepare_for_us_alone(place.data):
        run(place)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
