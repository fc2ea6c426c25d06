"""The database handle: naming, session class, SQLite's pragmas, and one way to begin a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    TypeDecorator,
    cast,
    event,
    func,
    make_url,
)
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from tenancy.fence import FencedSession

_CONNECT_SECONDS = 10
_PATIENCE = "busy_timeout=30000"  # milliseconds
Money = Numeric(15, 2)  # as many digits as SQLite keeps to the cent; an order has less (domain.money.MOST)
BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only in a plain INTEGER key


def in_cents(euros: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """The sum over rows of a column of euros, in whole cents: exact, also on SQLite, which adds euros in binary."""
    return func.coalesce(func.sum(cast(func.round(euros * 100), BigInteger)), 0)


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """A point in time: aware UTC in Python on every database (SQLite forgets zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# isolation_level None: sqlite3 itself never begins; the listener below does. Without it reads run outside
# the transaction and updates get lost.
db = SQLAlchemy(model_class=Base, session_options={"class_": FencedSession})


def engine_options(url: str, pooled: bool = False) -> dict[str, Any]:
    """Engine options for a database URL. `pooled`: behind a pooler that gives each transaction another connection,
    which does not know what was prepared on the one before."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 30, "isolation_level": None}, "hide_parameters": True}
    known: dict[str, Any] = {"prepare_threshold": None} if pooled else {}
    if "connect_timeout" not in make_url(url).query:
        known["connect_timeout"] = _CONNECT_SECONDS  # libpq itself waits for as long as the network lets it
    return {"connect_args": known, "hide_parameters": True, "pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}


@contextmanager
def hardly_waiting(engine: Engine) -> Iterator[Connection]:
    """A transaction of its own, for the caller to commit, that waits a twentieth of a second for a lock and then raises
    OperationalError."""
    with engine.connect() as connection:
        lite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("PRAGMA busy_timeout = 50" if lite else "SET LOCAL lock_timeout = '50ms'")
        try:
            yield connection
        finally:
            if lite:
                connection.rollback()
                connection.exec_driver_sql(f"PRAGMA {_PATIENCE}")


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", _PATIENCE):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        immediate = connection.get_execution_options().get("immediate")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
