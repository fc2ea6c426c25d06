"""The collaborators that app.py made, for views to pass on to services."""

from __future__ import annotations

from flask import current_app

from services.dependencies import Dependencies


def deps() -> Dependencies:
    """Settings and bookkeeping of this process."""
    given: Dependencies = current_app.extensions["crafter"]
    return given
