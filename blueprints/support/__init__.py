"""The support area."""

from blueprints.support.views import blueprint

__all__ = ["blueprint"]
