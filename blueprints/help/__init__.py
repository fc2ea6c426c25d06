"""The help area."""

from blueprints.help.views import blueprint

__all__ = ["blueprint"]
