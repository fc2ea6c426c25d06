"""The planning area."""

from blueprints.planning.views import blueprint

__all__ = ["blueprint"]
