"""A network of its own with an address that is not loopback, and the authority that is trusted in it.

Nothing is mounted, for not every place where root works lets it (a chroot does not). So nobody tells names there, and
the books are asked by address; and the product, which reads no bundle of certificates from its environment, gets the
tests' authority where its own package of them would be.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PORTAL, ADDRESS = "crafter.example", "203.0.113.9"
_MAKE = 'ip link set lo up && ip address add "$1/32" dev lo && echo up && exec cat'
_CERTIFI = """
def where():
    return {path!r}


def contents():
    return open(where()).read()
"""


@contextmanager
def network() -> Iterator[tuple[str, ...]]:
    """What goes in front of a command to run it there. Fails the test where no such network can be made."""
    missing = [name for name in ("unshare", "nsenter", "ip") if _found(name) is None]
    if missing:
        pytest.fail(f"a network of its own needs {', '.join(missing)}: apt-get install iproute2 util-linux")
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    keeper = subprocess.Popen(
        ["unshare", *user, "--net", "sh", "-c", _MAKE, "sh", ADDRESS],
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
        yield ("nsenter", f"--target={keeper.pid}", *as_user, "--net", "--")
        keeper.stdin.close()


def trusting(folder: Path, authority: Path) -> Path:
    """A folder for PYTHONPATH that stands for the package of certificates of a machine that trusts this authority."""
    package = folder / "trust" / "certifi"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(_CERTIFI.format(path=str(authority)))
    return package.parent


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def python_programs() -> str:
    """A PATH on which gunicorn, flask and python are those that run this."""
    return f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}:/usr/sbin"
