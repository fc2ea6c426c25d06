"""A network of its own with an address that is not loopback; in it two hosts have names, and an authority is trusted.

The product reads no bundle of certificates from its environment, so the one of its package is covered by the tests'
own; as with /etc/hosts, only who enters sees that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import pytest

from tests.support.certificates import Authority

PORTAL, BOOKS, ADDRESS = "crafter.example", "books.example", "203.0.113.9"
_MAKE = (
    'ip link set lo up && ip address add "$1/32" dev lo && mount --bind "$2" /etc/hosts && mount --bind "$3" "$4" '
    "&& echo up && exec cat"
)


@contextmanager
def network(folder: Path, authority: Authority) -> Iterator[tuple[str, ...]]:
    """What goes in front of a command to run it there. Fails the test where no such network can be made."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{ADDRESS} {PORTAL} {BOOKS}\n")
    missing = [name for name in ("unshare", "nsenter", "ip", "mount") if _found(name) is None]
    if missing:
        pytest.fail(f"a network of its own needs {', '.join(missing)}: apt-get install iproute2 util-linux mount")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    made = [str(word) for word in (ADDRESS, hosts, authority.certificate, certifi.where())]
    keeper = subprocess.Popen(
        ["unshare", *user, "--net", "--mount", "sh", "-c", _MAKE, "sh", *made],
        env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    assert keeper.stderr is not None
    with keeper:
        if keeper.stdout.readline().strip() != "up":
            keeper.wait()
            pytest.fail(
                "a network of its own cannot be made here, so nobody can say whether production serves: run this as "
                f"root, or where users may have namespaces ({keeper.stderr.read().strip()})"
            )
        as_user = ["--user", "--preserve-credentials"] if user else []
        here = f"--wd={Path.cwd()}"
        yield ("nsenter", f"--target={keeper.pid}", *as_user, "--net", "--mount", here, "--")
        keeper.stdin.close()


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def python_programs() -> str:
    """A PATH on which gunicorn, flask and python are those that run this."""
    return f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}:/usr/sbin"
