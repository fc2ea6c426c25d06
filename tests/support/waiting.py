"""Waiting for what happens, never for time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

_SECONDS = 60.0


def until(happened: Callable[[], object], seconds: float = _SECONDS) -> None:
    """Wait until something is so. Raises AssertionError when it is not in ample time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"it did not happen in {seconds:.0f} s"
        time.sleep(0.02)


def cpu_seconds(pid: int) -> float:
    """The processor time a process has used so far, which says how much work it did however busy the machine is."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
