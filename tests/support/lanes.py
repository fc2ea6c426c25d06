"""Waiting for the lanes of a worker in a test."""

from __future__ import annotations

import pytest

from jobs.lanes import Lanes

_SECONDS = (
    540  # a guard against waiting for ever: it costs nothing when all is well, and a busy machine does not meet it
)
patient = pytest.mark.timeout(600)  # of a test that waits for them


def finished(lanes: Lanes) -> None:
    """Wait until they have done all they were started for."""
    lanes.join(_SECONDS)
