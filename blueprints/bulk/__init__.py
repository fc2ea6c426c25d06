"""Many orders at once: the preview, the press, and the job that follows."""

from blueprints.bulk.views import blueprint

__all__ = ["blueprint"]
