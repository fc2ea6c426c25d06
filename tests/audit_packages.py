"""`python -m tests.audit_packages`: known weaknesses of the locked packages. Part of `make check`.

Exit 1 for a weakness that is not in ACCEPTED. Where the source of advisories cannot be asked, or not for all, that is
said out loud and is no failure, except with AUDIT=required, which a nightly run sets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKED = ROOT / "requirements.txt"
SECONDS = 20
# advisory -> why it does not touch us, and until when that is believed
ACCEPTED: dict[str, str] = {}


def ask(program: list[str], seconds: float = SECONDS) -> list[dict[str, Any]] | None:
    """pip-audit's word on every locked package; None when it gave none."""
    arguments = ["--requirement", str(LOCKED), "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*program, *arguments, "--timeout", "5", "--format", "json"],
            capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
        return None
    return found


def verdict(found: list[dict[str, Any]] | None, required: bool) -> tuple[int, list[str]]:
    """The exit code and what to say."""
    rows = found or []
    weak = [
        f"  {row['name']} {row['version']}: {flaw['id']}, mended in {', '.join(flaw.get('fix_versions', [])) or '?'}"
        for row in rows
        for flaw in row.get("vulns", [])
        if flaw["id"] not in ACCEPTED
    ]
    unknown = [row["name"] for row in rows if "vulns" not in row]
    if weak:
        return 1, ["Known weaknesses in locked packages:", *weak]
    if not rows or len(unknown) == len(rows):
        return int(required), ["NOTICE: packages were NOT audited: the source of advisories cannot be reached."]
    if unknown:
        return int(required), [f"NOTICE: not audited, the source does not know them: {', '.join(unknown)}"]
    return 0, [f"{len(rows)} locked packages audited: no known weakness."]


def main() -> int:
    """Ask, say, and return the exit code."""
    program = [str(Path(sys.executable).with_name("pip-audit"))]
    code, lines = verdict(ask(program), os.environ.get("AUDIT") == "required")
    print("\n".join(lines), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
