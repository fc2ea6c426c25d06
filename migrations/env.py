"""Alembic's environment: one transaction for all steps, on SQLite too."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, pool

import models
from tenancy.database import Moment, db
from tenancy.statistics import tell_planner

# No pool: SQLite's connection has its foreign keys switched off below and must die after the migration.
url = current_app.config["SQLALCHEMY_DATABASE_URI"]
connect_args = {"isolation_level": None, "timeout": 15} if url.startswith("sqlite") else {}


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Migrations name plain database types only, so that they outlive our classes."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def run() -> None:
    """Run the migrations. Re-creating a parent table with foreign keys on would drop its children's rows, and the
    pragma is a no-op inside a transaction, so it is sent before any."""
    engine = create_engine(url, poolclass=pool.NullPool, connect_args=connect_args)
    with engine.connect() as connection:
        lite = connection.dialect.name == "sqlite"
        if lite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
            transactional_ddl=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
            if lite:
                tell_planner(connection)  # a table that is made anew loses its figures
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration left rows without their parent: {broken[:5]}")


run()
