"""Waiting for the lanes of a worker in a test."""

from __future__ import annotations

import pytest

from jobs.lanes import Lanes

# a guard against waiting for ever, which a busy machine does not meet; it costs nothing when all is well
_SECONDS = 540
patient = pytest.mark.timeout(600)  # of a test that waits for them


def finished(lanes: Lanes) -> None:
    """Wait until they have done all they were started for."""
    lanes.join(_SECONDS)
