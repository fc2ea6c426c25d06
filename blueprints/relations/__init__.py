"""The relations area."""

from blueprints.relations.views import blueprint

__all__ = ["blueprint"]
