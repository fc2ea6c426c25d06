"""The collaborators that app.py made, for views to pass on to services."""

from __future__ import annotations

from flask import current_app

from services.dependencies import Parts


def parts() -> Parts:
    """Settings and bookkeeping of this process."""
    given: Parts = current_app.extensions["crafter"]
    return given
