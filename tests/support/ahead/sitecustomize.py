"""Python runs this at its start where this folder is on PYTHONPATH: the process's clock is CLOCK_AHEAD seconds ahead.

For the runs across midnight (tests/many.py): pytest, its workers and every Python program they start agree on the time,
and so does the database's clock as this product asks it. Waiting goes by the real clock.
"""

import os
import sys
from pathlib import Path

if os.environ.get("CLOCK_AHEAD"):
    sys.path.insert(0, str(Path.cwd()))  # every program is started in the root of the house that it runs
    from tests.support import clock

    sys.path.pop(0)
    clock.move_ahead(float(os.environ["CLOCK_AHEAD"]))
