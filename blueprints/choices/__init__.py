"""What the fields that are searched as you type are answered with."""

from blueprints.choices.views import blueprint

__all__ = ["blueprint"]
