"""The demo's outbox."""

from blueprints.outbox.views import blueprint

__all__ = ["blueprint"]
