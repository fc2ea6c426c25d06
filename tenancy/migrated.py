"""Whether the database is fit for work: the tables of this version of the code, and all its nodes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tenancy.database import db
from tenancy.distribution import unreached

_FOLDER = Path(__file__).parents[1] / "migrations"


@cache
def _newest() -> str | None:
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def is_migrated() -> bool:
    """Whether the last migration has run. Raises SQLAlchemyError when the database cannot be reached."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == _newest()


def nodes_away() -> list[str]:
    """The nodes of a distributed database that cannot be reached. Raises SQLAlchemyError when none can."""
    with db.engine.connect() as connection:
        return unreached(connection)
