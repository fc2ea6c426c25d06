"""The start area."""

from blueprints.start.views import blueprint

__all__ = ["blueprint"]
