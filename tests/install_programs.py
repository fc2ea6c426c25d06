"""Chromium, Redis, haproxy, nginx and others: through apt when root, else a line saying what to install."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys

_PROGRAMS = {
    "redis-server": "redis-server",
    "haproxy": "haproxy",
    "nginx": "nginx-light",
    "pgbouncer": "pgbouncer",
    "systemd-analyze": "systemd",
    "ip": "iproute2",
    "unshare": "util-linux",
}


def missing() -> list[str]:
    """The Debian packages that are not there yet."""
    wanted = []
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        wanted += ["chromium", "fonts-liberation"]
    if not ctypes.util.find_library("atomic"):
        wanted.append("libatomic1")
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    return wanted + [package for program, package in _PROGRAMS.items() if not shutil.which(program, path=path)]


def main() -> int:
    """Install, or say what to install."""
    wanted = missing()
    if not wanted:
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"De tests hebben nodig: {' '.join(wanted)} (apt-get install {' '.join(wanted)})", file=sys.stderr)
        return 1
    print(f"Installeren: {' '.join(wanted)} ...")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-yqq", "--no-install-recommends", *wanted]):
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            print(f"Dit lukte niet: {' '.join(command)}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
