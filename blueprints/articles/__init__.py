"""The articles area."""

from blueprints.articles.views import blueprint

__all__ = ["blueprint"]
