"""Whether the process and its database are well."""

from blueprints.health.views import blueprint

__all__ = ["blueprint"]
