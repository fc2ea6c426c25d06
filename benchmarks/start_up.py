"""How long the portal takes to its first answer, and what its processes and the worker hold in memory.

python -m benchmarks.start_up [ROUNDS]: starts gunicorn as production does, on the demo's data, beside a bare Flask page
under the same gunicorn, in turns. Memory is the proportional share (PSS) in MB of the processes of portal and worker
while both run, after every page was opened in each process, and once more after orders were approved too. Packages
that only tests and checks need are hidden from them: `make run` does not install those. Times are ratios to the bare
page's start in the same round; the processor time is what an idle machine takes, a busy one takes longer.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from types import SimpleNamespace

from flask_migrate import upgrade

from app import create_app
from benchmarks.figures import Figure, table
from demo.fill import fill
from services.company import tenants
from services.invoicing.bulk_preview import executed, look
from settings import from_environment
from tenancy.database import db
from tests.support.cast import cookie_for
from tests.support.sandbox_process import running_sandbox

ROOT = Path(__file__).parents[1]
HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
"""
BARE = "import flask, sqlalchemy; app = flask.Flask('bare'); app.route('/readyz')(lambda: 'ok')"
MOST = {"memory together": 250, "the same after approving": 250}
PRESSES = 3  # a round; the demo has a dozen orders to approve
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
def served(
    arguments: list[str], environment: dict[str, str], python: str | Path = sys.executable
) -> Iterator[tuple[str, int, Start]]:
    """A gunicorn that answers: its address, its process id, and how its start went. `python` is another one's own."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    quiet = ["--log-level", "error", "--no-control-socket"]  # which would lie in the home
    process = subprocess.Popen(
        [python, "-m", "gunicorn", *arguments, "--bind", f"127.0.0.1:{port}", *quiet],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answers(f"{address}/readyz"):
            if process.poll() is not None:
                raise RuntimeError(f"gunicorn ended with {process.returncode} before it answered")
            time.sleep(0.005)
        seconds = time.monotonic() - began
        yield address, process.pid, Start(seconds, cpu(family(process.pid)))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextlib.contextmanager
def working(environment: dict[str, str]) -> Iterator[int]:
    """A worker that has finished its first round: its process id."""
    command = [sys.executable, "-m", "jobs"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            next(line for line in process.stderr if "every_minute" in line)
            yield process.pid
        finally:
            process.terminate()
            process.communicate()


def answers(url: str) -> bool:
    """Whether somebody is there who does not say that it cannot work yet."""
    try:
        with urllib.request.urlopen(url, timeout=60):
            return True
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except OSError:
        return False


def ask(address: str, signed: SimpleNamespace, paths: list[str], typed: dict[str, str] | None = None) -> None:
    """Open these pages of the demo's company, or send something to them, over a connection each."""
    data = None if typed is None else urllib.parse.urlencode(typed | {"csrf_token": signed.csrf}).encode()
    for path in paths:
        headers = {"Cookie": f"crafter_session={signed.token}"}
        request = urllib.request.Request(f"{address}/t/installatie/{path}", data, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()


def production_only(folder: Path) -> dict[str, str]:
    """An environment in which packages cannot be imported that only tests and checks need: some libraries of ours read
    in what they find."""
    locked = {_named(line.partition("==")[0]) for line in (ROOT / "requirements.txt").read_text().splitlines()}
    tops = [top for top, names in packages_distributions().items() if locked.isdisjoint(map(_named, names))]
    (folder / "sitecustomize.py").write_text(HIDING.format(hidden=set(tops)))
    # compiled, as after its first start: where nothing may be written every start compiles all of it, and holds more
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPATH": str(folder), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def _named(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def measure(rounds: int) -> list[Figure]:
    """Start all of it so often."""
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox:
        wanted = {"CRAFTER_ENV": "trial", "DATA": folder, "EBOEKHOUDEN_URL": sandbox.soap_url}
        app = create_app(from_environment(wanted))
        with app.app_context():
            upgrade()
            fill(app.extensions["crafter"], lambda _text: None)
            signed = cookie_for("eigenaar@installatie.example", app.config["SECRET_KEY"])
            tenants.process("installatie", "Meting")
            done = [str(one.id) for one in look(app.extensions["crafter"], executed()).ready]
            db.session.remove()
            db.engine.dispose()
        environment = production_only(Path(folder)) | wanted
        (Path(folder) / "bare.py").write_text(BARE)
        bare = ["-c", "/dev/null", "--chdir", folder, "--workers", "2", "--worker-class", "gthread", "bare:app"]
        with served([], environment) as (address, _pid, _start), working(environment):
            ask(address, signed, list(PAGES))
        ours, theirs = [], []
        held: dict[str, list[float]] = defaultdict(list)
        for _ in range(rounds):
            with served(bare, dict(os.environ)) as (_address, _pid, start):
                theirs.append(start)
            with served([], environment) as (address, pid, start), working(environment) as worker:
                ours.append(start)
                ask(address, signed, list(PAGES) * 5)  # so often that each process has seen every page
                held["portal, two processes"].append(pss(family(pid)))
                held["worker beside it"].append(pss(family(worker)))
                held["memory together"].append(pss(family(pid) + family(worker)))
                presses, done = done[:PRESSES], done[PRESSES:]
                ask(address, signed, [f"work-orders/{order}/approve" for order in presses], {})
                held["the same after approving"].append(pss(family(pid) + family(worker)))
        ratio = statistics.median(one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True))
        seconds = statistics.median(one.seconds for one in ours)
        return [
            Figure("first answer of the portal", seconds, "s", beside=f"{ratio:.1f} x a bare Flask"),
            Figure("the same, processor time", statistics.median(one.cpu for one in ours), "s", most=2),
            *(Figure(what, statistics.median(sizes), "MB", most=MOST.get(what)) for what, sizes in held.items()),
        ]


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
