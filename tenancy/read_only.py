"""A session that only reads: the wall of the database behind the door that refuses unsafe methods to a visitor.

PostgreSQL gets every transaction READ ONLY, SQLite `query_only`; on top of that the session refuses to flush, so that
the message is ours. There is no way back: the next request has a new session.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import SessionTransaction, UOWTransaction
from sqlalchemy.pool import Pool

from tenancy.fence import FencedSession

_MARK = "query_only"


class ReadOnly(RuntimeError):
    """Something was about to be written while the person only looks along."""


def look_only(session: Any) -> None:
    """From here on this session only reads; the transaction it is in ends."""
    session.rollback()
    session.info["read_only"] = True


def refuse_when_read_only(session: Any) -> None:
    """Raises ReadOnly when this session only reads."""
    if session.info.get("read_only"):
        raise ReadOnly("this session only looks; nothing is written")


@event.listens_for(FencedSession, "after_begin")
def _shut(session: FencedSession, _transaction: SessionTransaction, connection: Connection) -> None:
    if not session.info.get("read_only"):
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    else:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.info[_MARK] = True


@event.listens_for(Pool, "checkin")
def _open_again(dbapi_connection: Any, record: Any) -> None:
    if record.info.pop(_MARK, None) and dbapi_connection is not None:
        dbapi_connection.execute("PRAGMA query_only = OFF")  # SQLite keeps it on the connection, not the transaction


@event.listens_for(FencedSession, "before_flush")
def _no_flush(session: FencedSession, _context: UOWTransaction, _instances: object) -> None:
    if session.new or session.dirty or session.deleted:
        refuse_when_read_only(session)
