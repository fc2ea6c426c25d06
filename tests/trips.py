"""`python -m tests.trips`: through which files three trips go, each over one passing test: a press, a relation sync in
the worker, and a support visit that acts. A newcomer's reading list, and a measure of how far apart things lie.

`-v` names the files in the order in which they are entered first.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections import Counter
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOT_OURS = ("tests", ".venv", "sandbox", "migrations")
TRIPS = {
    "a press": "tests/blueprints/test_work_orders_invoice.py::"
    "test_the_press_answers_inline_and_brings_the_rest_of_the_page_along",
    "a relation sync in the worker": "tests/services/test_sync_in_the_worker.py::"
    "test_a_long_list_goes_to_the_worker_which_reads_it_to_the_end",
    "a support visit acting": "tests/blueprints/test_support_acting.py::"
    "test_a_post_is_asked_once_more_and_then_done_with_everything_that_was_typed",
}


class Trip:
    """A pytest plugin that writes down every file of ours entered while the test itself runs, in order."""

    def __init__(self) -> None:
        self.files: dict[str, None] = {}
        self.templates: dict[str, None] = {}

    def _enter(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call":
            return
        path = frame.f_code.co_filename
        if path.startswith(str(ROOT)):
            name = path[len(str(ROOT)) + 1 :]
            if name.startswith("templates/"):
                self.templates.setdefault(name)
            elif name.endswith(".py") and not name.startswith(NOT_OURS):
                self.files.setdefault(name)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self) -> Any:
        """Watch all threads during the test's own call, not while it is set up."""
        threading.setprofile(self._enter)
        sys.setprofile(self._enter)
        yield
        sys.setprofile(None)
        threading.setprofile(None)


def walk(test: str) -> Trip:
    """Run one test and give its trip. Raises RuntimeError when the test does not pass."""
    trip, said = Trip(), StringIO()
    with redirect_stdout(said):
        ended = pytest.main(["-q", "-n", "0", "-p", "no:cacheprovider", test], plugins=[trip])
    if ended != 0:
        raise RuntimeError(f"{test} does not pass:\n{said.getvalue()[-2000:]}")
    return trip


def main() -> None:
    """Walk all three and print a line each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-v", action="store_true", help="name the files")
    wanted = arguments.parse_args()
    for name, test in TRIPS.items():
        trip = walk(test)
        rooms = Counter(path.split("/")[0] for path in trip.files)
        told = ", ".join(f"{room} {number}" for room, number in rooms.most_common())
        print(f"{name}: {len(trip.files)} Python files ({told}), {len(trip.templates)} templates")
        if wanted.v:
            print("".join(f"  {path}\n" for path in [*trip.files, *trip.templates]))


if __name__ == "__main__":
    main()
