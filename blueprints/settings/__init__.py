"""The settings area; its modules put their routes on the one blueprint."""

from blueprints.settings import (
    administrations,
    bookkeeping,
    history,
    looking_back,
    notices,
    support_access,
    syncs,
    team,
    views,
    workers,
)
from blueprints.settings._blueprint import blueprint

__all__ = [
    "administrations",
    "blueprint",
    "bookkeeping",
    "history",
    "looking_back",
    "notices",
    "support_access",
    "syncs",
    "team",
    "views",
    "workers",
]
