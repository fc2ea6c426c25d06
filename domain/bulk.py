"""The states of a bulk job and of its items. What an item's invoice came to is told by its posting, not here."""

from __future__ import annotations

RUNNING, STOPPED, FINISHED = "running", "stopped", "finished"

# waiting: nobody took it yet. busy: somebody holds its lease. done: it was pressed. skipped: it could not be pressed,
# with the reason.
WAITING, BUSY, DONE, SKIPPED = "waiting", "busy", "done", "skipped"
OPEN = frozenset({WAITING, BUSY})

MAX_ORDERS = 200
# After so many invoices in a row that could not leave, a lane stops the job instead of burning through the rest.
MAX_MISSES = 3
