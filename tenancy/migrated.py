"""Whether the database is fit for work: the tables of this version of the code, and all its nodes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tenancy.database import db
from tenancy.distribution import unreached

_STEPS = Path(__file__).parents[1] / "migrations" / "versions"


# Alembic would say both, and is 8 MB in every process that is asked whether it is ready.
@cache
def known_revisions() -> frozenset[str]:
    """Every migration that this version of the code has."""
    return frozenset(path.name.partition("_")[0] for path in _STEPS.glob("[0-9]*_*.py"))


def revision(connection: Connection) -> str | None:
    """The last migration that ran on a database; None when none did."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_migrated() -> bool:
    """Whether the last migration has run. Raises SQLAlchemyError when the database cannot be reached."""
    with db.engine.connect() as connection:
        return revision(connection) == max(known_revisions())


def nodes_away() -> list[str]:
    """The nodes of a distributed database that cannot be reached. Raises SQLAlchemyError when none can."""
    with db.engine.connect() as connection:
        return unreached(connection)
