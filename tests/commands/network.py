"""A network for the commands: a namespace of its own with nothing but loopback, else the machine's own.

Run as a program it is what keeps such a namespace: it brings loopback up and waits until its input ends.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SIOCSIFFLAGS, _IFF_UP, _LISTENING = 0x8914, 1, "0A"


@dataclass(frozen=True)
class Network:
    """`enter` is what goes in front of a command to run it there; `apart` says that nobody else is in it."""

    enter: tuple[str, ...]
    apart: bool


@contextmanager
def network(ports: tuple[int, ...]) -> Iterator[Network]:
    """A namespace as root, else as a user of its own, else the host when these ports are free there. Raises
    RuntimeError with who holds them when they are not."""
    ways = [(["unshare", "--net"], ["--net"])] if os.geteuid() == 0 else []
    ways.append((["unshare", "--map-root-user", "--net"], ["--user", "--net", "--preserve-credentials"]))
    for making, entering in ways:
        keeper = _keeper(making)
        if keeper is not None:
            with keeper:
                yield Network(("nsenter", "--target", str(keeper.pid), *entering, "--"), apart=True)
                keeper.stdin.close()
            return
    held = [f"port {port}: {who}" for port in ports if (who := holder(port))]
    if held:
        raise RuntimeError(f"no network of our own can be made here, and the host's ports are held: {'; '.join(held)}")
    yield Network((), apart=False)


def _keeper(making: list[str]) -> subprocess.Popen[str] | None:
    """A process that keeps a namespace with loopback up; None when it cannot be made."""
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        return None
    pipe = subprocess.PIPE
    keeper = subprocess.Popen(
        [*making, sys.executable, __file__], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    )
    if keeper.stdout.readline().strip() == "up":
        return keeper
    keeper.communicate()
    return None


def holder(port: int) -> str:
    """Who listens on a port of this network: its process, or "a process that is not ours"; empty when nobody does."""
    tables = [path.read_text() for name in ("tcp", "tcp6") if (path := Path("/proc/net") / name).exists()]
    sockets = {f"socket:[{inode}]" for table in tables for at, inode in listening(table) if at == port}
    if not sockets:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in sockets for link in (process / "fd").iterdir()):  # noqa: PTH115
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {process.name} ({command[:80]})"
        except OSError:
            continue
    return "a process that is not ours"


def listening(table: str) -> Iterator[tuple[int, str]]:
    """Port and inode of every socket in a text of /proc/net/tcp that somebody listens on."""
    for line in table.splitlines():
        words = line.split()
        if len(words) > 9 and words[3] == _LISTENING:
            yield int(words[1].rpartition(":")[2], 16), words[9]


def main() -> None:
    """Bring loopback up, say so, and keep the namespace until nobody needs it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))
    print("up", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
