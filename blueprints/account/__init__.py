"""One's own account: password, sessions, second factor, and saying once more who one is. Its modules put their routes
on the one blueprint."""

from blueprints.account import drafts, language, second_factor, views
from blueprints.account._blueprint import blueprint

__all__ = ["blueprint", "drafts", "language", "second_factor", "views"]
