"""The area Aansluiting: whether our books and theirs say the same."""

from blueprints.reconciliation.views import blueprint

__all__ = ["blueprint"]
