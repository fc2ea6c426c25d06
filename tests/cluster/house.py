"""The processes of a cluster, each of which can be killed and started again: nodes, workers, and haproxy in front."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.redis_process import RedisServer
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
SAYINGS = "processes.log"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
# A request is offered to the next node only when the first could not be connected to: then it certainly did not arrive.
_HAPROXY = """
global
    maxconn 1000
    stats socket {admin} mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 120s
    timeout server 120s
    timeout queue 10s
    timeout check 5s
    retries 3
    option redispatch 1
    http-reuse never
    retry-on conn-failure
    option forwardfor
frontend people
    bind 127.0.0.1:{port}
    default_backend nodes
backend nodes
    balance leastconn
    option httpchk GET /healthz
    default-server check inter 300ms fall 2 rise 1
{servers}
"""


class Process:
    """A program with its children, in a group of its own. What it says is added to the file `says`: who loses its
    database complains, as it should, and nobody wants to read that between the lines of the proof."""

    def __init__(self, command: list[str], environment: dict[str, str], says: Path, place: Path = ROOT) -> None:
        self._command = command
        self._place = place
        self._environment = environment
        self._says = says
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; nothing when it runs."""
        if self._running is None or self._running.poll() is not None:
            with self._says.open("ab") as says:
                self._running = subprocess.Popen(
                    self._command, cwd=self._place, env=os.environ | self._environment, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=says, stderr=says,
                )  # fmt: skip

    def kill(self) -> None:
        """Kill all of it at once, as a machine that loses its power."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait for that."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self._running is not None and self._running.poll() is None:
            os.killpg(self._running.pid, number)
            self._running.wait(90)
        self._running = None


@dataclass(frozen=True)
class Cluster:
    """What runs: `nodes` by the address of each, `workers`, and `url` of haproxy."""

    url: str
    nodes: dict[str, Process]
    workers: list[Process]
    redis: RedisServer
    database: str
    admin: Path

    def replace(self, number: int) -> None:
        """Put a new process in the place of a node's: the balancer sends it nobody any more, it finishes what it is at,
        and only then it ends."""
        address, node = list(self.nodes.items())[number]
        name = f"nodes/n{number + 1}"
        self._tell(f"set server {name} state drain")
        until(lambda: self._busy(name) == 0)
        node.stop()
        node.start()
        until(lambda: answers(f"{address}/healthz"), seconds=120)
        self._tell(f"set server {name} state ready")

    def _busy(self, name: str) -> int:
        """How many requests of a node the balancer waits for."""
        rows = csv.DictReader(self._tell("show stat").lstrip("# ").splitlines())
        return next(int(row["scur"]) for row in rows if f"{row['pxname']}/{row['svname']}" == name)

    def _tell(self, command: str) -> str:
        """One command to haproxy; its answer."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.admin))
            line.sendall(f"{command}\n".encode())
            return b"".join(iter(lambda: line.recv(65536), b"")).decode()

    def wait_for_nodes(self) -> None:
        """Wait until every node answers by itself."""
        for address in self.nodes:
            until(lambda address=address: answers(f"{address}/healthz"), seconds=120)

    def wait_until_served(self) -> None:
        """Wait until somebody answers through haproxy, with the database at hand."""
        until(lambda: answers(f"{self.url}/login"), seconds=120)


def answers(url: str) -> bool:
    """Whether it says 200."""
    try:
        with _OPENER.open(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_cluster(
    database: str, soap: str, folder: Path, redis: RedisServer, nodes: int, workers: int
) -> Iterator[Cluster]:
    """So many nodes and workers on a database, behind haproxy. What they said is in `folder`/`SAYINGS`."""
    says = folder / SAYINGS
    program = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.fail("haproxy is missing: apt-get install haproxy")
    place = (database, soap, str(folder), redis.url)
    environment = {"CRAFTER_ENV": "trial", "WEB_CONCURRENCY": "1", "CRAFTER_CRASH_AT": ""}
    with ExitStack() as stack:
        made: dict[str, Process] = {}
        for _ in range(nodes):
            address = f"127.0.0.1:{free_port()}"
            gunicorn = [sys.executable, "-m", "gunicorn", "--log-level", "critical", "--bind", address]
            made[f"http://{address}"] = Process([*gunicorn, f"tests.cluster.node:portal{place!r}"], environment, says)
        worker = [sys.executable, "-m", "tests.cluster.node", *place]
        busy = [Process(worker, environment, says) for _ in range(workers)]
        for process in (*made.values(), *busy):
            stack.callback(process.kill)
            process.start()
        port = free_port()
        servers = "\n".join(f"    server n{n} {address[7:]}" for n, address in enumerate(made, 1))
        admin = folder / "haproxy.sock"
        recipe = folder / "haproxy.cfg"
        recipe.write_text(_HAPROXY.format(port=port, servers=servers, admin=admin))
        proxy = Process([program, "-db", "-q", "-f", str(recipe)], {}, says)
        stack.callback(proxy.kill)
        cluster = Cluster(f"http://127.0.0.1:{port}", made, busy, redis, database, admin)
        try:
            cluster.wait_for_nodes()
            proxy.start()
            cluster.wait_until_served()
            yield cluster
        except BaseException:
            sys.stderr.write(last_said(folder))
            raise


def last_said(folder: Path) -> str:
    """The end of what the processes said."""
    return (folder / SAYINGS).read_text(errors="replace")[-20_000:]
