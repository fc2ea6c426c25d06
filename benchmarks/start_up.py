"""How long the portal takes to its first answer, and what its processes and the worker hold in memory.

python -m benchmarks.start_up [ROUNDS]: starts gunicorn as production does, on the demo's data, beside a bare Flask page
under the same gunicorn, in turns. Memory is the proportional share (PSS) of all processes together after every page
was opened twice, in MB. Times are ratios to the bare page's start in the same round, and seconds for the curious.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask_migrate import upgrade

from app import create_app
from demo.fill import fill
from settings import from_environment
from tests.support.cast import cookie_for
from tests.support.sandbox_process import running_sandbox

ROOT = Path(__file__).parents[1]
BARE = "import flask, sqlalchemy; app = flask.Flask('bare'); app.route('/readyz')(lambda: 'ok')"
PAGES = ("", "planning/", "work-orders/", "relations/", "articles/", "settings/history", "settings/numbers")


@dataclass(frozen=True)
class Start:
    """Seconds to the first answer, and processor seconds it took until then."""

    seconds: float
    cpu: float


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def family(pid: int) -> list[int]:
    """A process and all its children."""
    kids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for kid in kids for one in family(int(kid)))]


def pss(pids: list[int]) -> float:
    """The proportional share of these processes together, in MB."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def cpu(pids: list[int]) -> float:
    """Processor seconds of these processes so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(row[11]) + int(row[12]) for row in fields) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(arguments: list[str], environment: dict[str, str]) -> Iterator[tuple[str, int, Start]]:
    """A gunicorn that answers: its address, its process id, and how its start went."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *arguments, "--bind", f"127.0.0.1:{port}", "--log-level", "error"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=60):
                break
            time.sleep(0.005)
        seconds = time.monotonic() - began
        yield address, process.pid, Start(seconds, cpu(family(process.pid)))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def visit(address: str, cookie: str) -> None:
    """Open every page so often that each process has seen it."""
    for _ in range(4):
        for page in PAGES:
            request = urllib.request.Request(f"{address}/t/installatie/{page}", headers={"Cookie": cookie})
            with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request) as answer:
                answer.read()


def main(rounds: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox:
        wanted = {"DATA": folder, "EBOEKHOUDEN_URL": sandbox.soap_url}
        app = create_app(from_environment(wanted))
        with app.app_context():
            upgrade()
            fill(app.extensions["crafter"], lambda _text: None)
            signed = cookie_for("eigenaar@installatie.example", app.config["SECRET_KEY"])
        environment = os.environ | wanted
        (Path(folder) / "bare.py").write_text(BARE)
        bare = ["-c", "/dev/null", "--chdir", folder, "--workers", "2", "--worker-class", "gthread", "bare:app"]
        ours, theirs, held = [], [], []
        for _ in range(rounds):
            with served(bare, dict(os.environ)) as (_address, _pid, start):
                theirs.append(start)
            with served([], environment) as (address, pid, start):
                ours.append(start)
                visit(address, f"crafter_session={signed.token}")
                held.append(pss(family(pid)))
        with subprocess.Popen(
            [sys.executable, "-m", "jobs"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
        ) as work:
            time.sleep(8)
            worker = pss(family(work.pid))
            work.terminate()
        ratio = statistics.median(one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True))
        print(
            f"first answer          {statistics.median(one.seconds for one in ours):6.2f} s   {ratio:.1f} x bare Flask"
        )
        print(f"processor until then  {statistics.median(one.cpu for one in ours):6.2f} s")
        print(f"portal (2 processes)  {statistics.median(held):6.0f} MB")
        print(f"worker                {worker:6.0f} MB")
        print(f"together              {statistics.median(held) + worker:6.0f} MB   at most 250 wanted")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
