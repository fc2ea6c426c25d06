"""Places where a test may kill this process; in production nothing happens there.

CRAFTER_CRASH_AT=<name>[:<n>][@<seconds>] kills the process with SIGKILL the n-th time the point is reached, after
that many seconds. Never in production.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter

_FORM = re.compile(r"(?P<name>[A-Za-z_.]+)(:(?P<nth>\d+))?(@(?P<seconds>[\d.]+))?")
_counting = threading.Lock()
_reached: Counter[str] = Counter()


def reach(name: str) -> None:
    """Say that a point is reached. Kills the process when it is the one asked for."""
    wanted = os.environ.get("CRAFTER_CRASH_AT")
    if not wanted or os.environ.get("CRAFTER_ENV") not in {"demo", "trial"}:
        return
    form = _FORM.fullmatch(wanted)
    if form is None or form["name"] != name:
        return
    with _counting:
        _reached[name] += 1
        if _reached[name] != int(form["nth"] or 1):
            return
    time.sleep(float(form["seconds"] or 0))
    os.kill(os.getpid(), signal.SIGKILL)
