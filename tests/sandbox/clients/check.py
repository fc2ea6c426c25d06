"""`make check-clients`: a sandbox of its own, every independent client that is at hand, and what they said.

Clients: eboekhouden-python, npm's soap (SOAP 1.1 and 1.2) and PHP's SoapClient (1.1 and 1.2). One that is not at
hand is passed over with the reason. With `--write <file>` the transcript is kept. Ends with 1 when a client failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.sandbox_process import Sandbox, running_sandbox

_HERE = Path(__file__).parent
_OUTPUT = _HERE.parents[1] / "output" / "clients"
_SOAP = "1.13.0"
_SECONDS = 60


@dataclass(frozen=True)
class Client:
    """A client: its name, the command that lets it talk to an address, and why it cannot (empty: it can)."""

    name: str
    command: Callable[[str], list[str]]
    missing: str = ""


def clients() -> Iterator[Client]:
    """All of them, the missing ones too."""
    script = str(_HERE / "with_eboekhouden_python.py")
    yield Client("eboekhouden-python (PyPI)", lambda url: [sys.executable, script, url])
    node, library, why = _node()
    for version in ("1.1", "1.2"):
        yield Client(
            f"soap {_SOAP} (npm), SOAP {version}",
            lambda url, version=version: [node, str(_HERE / "with_soap.cjs"), library, url, version],
            why,
        )
    php = shutil.which("php") or ""
    why = "" if php and "soap" in _said([php, "-m"]).lower().split() else "PHP with its soap module is not installed"
    for version in ("1.1", "1.2"):
        yield Client(
            f"SoapClient (PHP), SOAP {version}",
            lambda url, version=version: [php, str(_HERE / "with_soap.php"), url, version],
            why,
        )


def _node() -> tuple[str, str, str]:
    """Node, the place of npm's soap package, and why there is none."""
    beside = Path(sys.executable).parent
    node = shutil.which("node") or str(beside / "node")
    npm = shutil.which("npm") or str(beside / "npm")
    library = _OUTPUT / "node_modules" / "soap"
    if not library.is_dir():
        _OUTPUT.mkdir(parents=True, exist_ok=True)
        _said([npm, "install", "--silent", "--no-save", "--no-audit", "--prefix", str(_OUTPUT), f"soap@{_SOAP}"])
    return node, str(library), "" if library.is_dir() else "npm could not install the package soap"


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except OSError:
        return ""
    return done.stdout


def talk(client: Client, sandbox: Sandbox) -> tuple[bool, list[str]]:
    """Let a client talk; whether it went well, and the lines of the transcript."""
    title = [client.name, "-" * len(client.name)]
    if client.missing:
        return True, [*title, f"passed over: {client.missing}", ""]
    sandbox.reset()
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run(
        client.command(sandbox.soap_url), capture_output=True, text=True, env=environment, timeout=_SECONDS, check=False
    )
    lines = done.stdout.splitlines()
    if done.returncode:
        lines += [f"ended with {done.returncode}", *done.stderr.splitlines()[-5:]]
    calls = sandbox.calls("demo")
    remarks = {remark: None for call in calls for remark in call["tolerated"]}
    versions = " and ".join(sorted({call["soap"] for call in calls}))
    lines += [f"{len(calls)} calls arrived, SOAP {versions}; let pass against the schema: {len(remarks) or 'nothing'}"]
    lines += [f"  {remark}" for remark in remarks]
    return done.returncode == 0, [*title, *lines, ""]


def main() -> int:
    """Print the transcript; 1 when a client failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="keep the transcript in this file")
    wishes = parser.parse_args()
    well = True
    transcript = ["Independent clients against the sandbox", ""]
    with tempfile.TemporaryDirectory() as folder, running_sandbox(Path(folder)) as sandbox:
        for client in clients():
            went_well, lines = talk(client, sandbox)
            well = well and went_well
            print("\n".join(lines), flush=True)
            transcript += lines
    if wishes.write:
        wishes.write.parent.mkdir(parents=True, exist_ok=True)
        wishes.write.write_text("\n".join(transcript).rstrip() + "\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
