"""The relations area; its modules put their routes on the one blueprint."""

from blueprints.relations import elsewhere
from blueprints.relations.views import blueprint

__all__ = ["blueprint", "elsewhere"]
