"""A clean clone of this repository in a network of its own, and somebody who types commands in it."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from data_folder import BACKUPS  # the first night may come while a command runs
from tests.commands.documents import ROOT
from tests.commands.network import Network, listening

LOCKED = ("requirements.txt", "requirements-dev.txt")
DATA_FILES = frozenset({
    ".crafter-data", ".gitignore", "crafter.sqlite3", "crafter.sqlite3-here", "queue.sqlite3", "calls.sqlite3",
    "sandbox.sqlite3", "sandbox.sqlite3.id", "secret.key", "credentials.key", "portal.log", "sandbox.log", "worker.log",
    "metrics", "benchmark", BACKUPS,
})  # fmt: skip
_OF_BENCHMARKS = {"benchmark"}
_OF_TOOLS = {".rustup", ".npm", ".cache"}  # what pip, npm and their like keep in a home for themselves
_ANYBODYS_REPOSITORY = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}


def wheels() -> Path:
    """The locked packages in a folder outside the repository, fetched once for each lock and each Python."""
    key = hashlib.sha256(sys.version.encode() + b"".join((ROOT / name).read_bytes() for name in LOCKED)).hexdigest()[
        :16
    ]
    shelf = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crafter" / "wheels"
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shelf / key).is_dir():
            coming = shelf / f"{key}.coming"
            shutil.rmtree(coming, ignore_errors=True)
            wanted = [word for name in LOCKED for word in ("--requirement", str(ROOT / name))]
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--dest", str(coming)]
            done = subprocess.run([*command, *wanted], capture_output=True, text=True, timeout=600, check=False)
            assert done.returncode == 0, f"the packages cannot be fetched: {done.stderr[-500:]}"
            for old in shelf.glob("*/"):
                if old != coming:
                    shutil.rmtree(old)
            coming.rename(shelf / key)
    return shelf / key


# what a browser shows of a page: the program has to be in the commands' network
_LOOK = """
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(opener.open(urllib.request.Request(sys.argv[1], headers={"Host": sys.argv[2]}), timeout=60).read().decode())
"""


class House:
    """The clone. `typed` is every line that was typed and every address that was opened."""

    def __init__(self, folder: Path, network: Network) -> None:
        self.folder, self.network = folder, network
        self.place, self.home = folder / "crafter", folder / "home"
        self.typed: list[str] = []
        self.home.mkdir()
        self.data = self.place / "instance"
        self.bin = self.place / ".venv" / "bin"
        git = ["git", "clone", "--quiet", str(ROOT), str(self.place)]
        subprocess.run(git, env={**os.environ, **_ANYBODYS_REPOSITORY}, check=True, timeout=60)

    def environment(self, **more: str) -> dict[str, str]:
        """What a newcomer's shell has: nothing of ours, except that packages come from the wheel folder."""
        ours = str(Path(sys.prefix))
        path = [part for part in os.environ["PATH"].split(os.pathsep) if not part.startswith(ours)]
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels()),
            "PIP_NO_CACHE_DIR": "1",
            "npm_config_fetch_retries": "0",  # nobody answers there
        } | more

    def in_venv(self, **more: str) -> dict[str, str]:
        """The same with the virtual environment at hand."""
        environment = self.environment(**more)
        return environment | {"PATH": f"{self.bin}{os.pathsep}{environment['PATH']}"}

    def type(
        self, command: str, environment: dict[str, str] | None = None, seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Type a command and wait for its end; both outputs in one text."""
        self.typed.append(command)
        return subprocess.run(
            [*self.network.enter, "sh", "-c", command],
            cwd=self.place, env=environment or self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    def well(self, command: str, environment: dict[str, str] | None = None, seconds: float = 120) -> str:
        """The same for one that has to end well; what it said."""
        done = self.type(command, environment, seconds)
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-3000:]}"
        assert "Traceback" not in done.stdout, done.stdout[-3000:]
        return done.stdout

    def start(
        self, command: str, environment: dict[str, str] | None = None, as_a_background_job: bool = False
    ) -> Running:
        """Type a command that stays, in a process group of its own, as a shell gives it."""
        self.typed.append(command)
        return Running(self, command, environment or self.environment(), as_a_background_job)

    def open(self, address: str, host: str = "") -> str:
        """The page at an address, asked for under a host name of its own when one is given."""
        self.typed.append(address)
        return self.visit("-c", _LOOK, address, host or urlsplit(address).netloc)

    def visit(self, *arguments: str) -> str:
        """Run a Python program of the tests in the commands' network; what it prints."""
        done = subprocess.run(
            [*self.network.enter, sys.executable, *arguments],
            cwd=self.folder, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def taken(self, *ports: int) -> list[int]:
        """Which of these ports somebody listens on."""
        table = subprocess.run(
            [*self.network.enter, "cat", "/proc/net/tcp"], capture_output=True, text=True, check=True
        )
        return sorted({port for port, _ in listening(table.stdout)} & set(ports))

    def git(self, *words: str) -> str:
        """What git says about the clone."""
        done = subprocess.run(
            ["git", *words], cwd=self.place, env={**os.environ, **_ANYBODYS_REPOSITORY},
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        return done.stdout

    def processes(self) -> list[str]:
        """Everything that runs in the clone."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").resolve().is_relative_to(self.place):
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found.append(f"{process.name}: {command.strip()}")
        return found

    def check_nothing_lies_outside(self, *folders: str) -> None:
        """Only .venv and these folders have come, git knows of none, nothing of ours is in the home."""
        changed = self.git("status", "--porcelain")
        assert changed == "", changed
        listed = self.git("status", "--porcelain", "--ignored").splitlines()
        beside = {line.removeprefix("!! ").rstrip("/").split("/")[0] for line in listed if "__pycache__" not in line}
        assert beside <= {".venv", *folders}, f"written outside {folders}: {beside}"
        for name in folders:
            # SQLite's own files beside a database stay when a program ends with a request half answered; the next takes
            # them in, and `make demo-reset` removes them
            names = {path.name.removesuffix("-wal").removesuffix("-shm") for path in (self.place / name).iterdir()}
            strange = names - DATA_FILES
            assert not strange, f"{name} holds {strange}"
            ours = [path for path in (self.place / name).iterdir() if path.name in names - _OF_BENCHMARKS]
            ours += [path for folder in ours if folder.is_dir() for path in folder.rglob("*")]
            open_to_others = [str(path) for path in ours if path.stat().st_mode & 0o077]
            assert open_to_others == [], f"others may see {open_to_others}"
        kept = {path.name for path in self.home.iterdir()} - _OF_TOOLS
        assert not kept, f"the home holds {kept}"


class Running:
    """A command that stays until it is ended. Its output is in a file."""

    def __init__(self, house: House, command: str, environment: dict[str, str], as_a_background_job: bool) -> None:
        self.house, self.command = house, command
        self._said = house.folder / "said.txt"

        def as_a_shell_does() -> None:
            # a shell without job control lets its background jobs ignore SIGINT, and whoever runs us may be one
            signal.signal(signal.SIGINT, signal.SIG_IGN if as_a_background_job else signal.SIG_DFL)

        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [*house.network.enter, "sh", "-c", f"exec {command}"],
                cwd=house.place, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                start_new_session=True, preexec_fn=as_a_shell_does,
            )  # fmt: skip

    def said(self) -> str:
        """What it has printed so far."""
        return self._said.read_text()

    def wait_until(self, happened: Callable[[], bool], seconds: float = 400) -> None:
        """Wait for something that it has to bring about; on a busy machine filling the demo alone takes two minutes."""
        until = time.monotonic() + seconds
        while not happened():
            assert self._process.poll() is None, f"{self.command} ended by itself:\n{self.said()[-3000:]}"
            assert time.monotonic() < until, f"{self.command} takes too long:\n{self.said()[-3000:]}"
            time.sleep(0.1)

    def catches(self, number: signal.Signals) -> bool:
        """Whether it has a handler of its own for this signal by now."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught, 16) >> (number - 1) & 1)

    def interrupt(self) -> None:
        """Ctrl-C: the terminal tells everybody in the foreground's process group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def terminate(self) -> None:
        """What `kill` says to the one process that was started."""
        self._process.send_signal(signal.SIGTERM)

    def end(self, seconds: float = 180) -> int:
        """Wait for its end, after which nothing of it may be left; its exit code."""
        code = self._process.wait(seconds)
        assert "Traceback" not in self.said(), self.said()[-3000:]
        left = self.house.processes()
        assert left == [], f"{self.command} left running: {left}"
        return code

    def kill(self) -> None:
        """End it and all that it started, whatever it takes; for tests that failed."""
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").resolve().is_relative_to(self.house.place):
                    os.kill(int(process.name), signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
