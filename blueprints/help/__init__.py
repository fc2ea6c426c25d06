"""The help area: inside a tenant, and outside for everybody."""

from blueprints.help.views import blueprint, outside

__all__ = ["blueprint", "outside"]
