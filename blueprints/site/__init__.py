"""What programs ask of any site: robots, favicon, security contact."""

from blueprints.site.views import blueprint

__all__ = ["blueprint"]
