"""Logging in and out; its modules put their routes on the one blueprint."""

from blueprints.auth import invitation, reset, second_step, views
from blueprints.auth._blueprint import blueprint

__all__ = ["blueprint", "invitation", "reset", "second_step", "views"]
