"""The only door to COMMIT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from services import once
from services.crashpoints import reach
from tenancy.database import db
from tenancy.fence import enter
from tenancy.read_only import refuse_when_read_only


class NestedWrite(RuntimeError):
    """A write transaction was opened inside another one."""


@contextmanager
def write_transaction(apart: bool = False) -> Iterator[Session]:
    """One write transaction: ends the read transaction, takes SQLite's write lock at once, commits at the end.

    Rows loaded before it are re-read under the lock. Any exception rolls everything back. The first one of a request
    carries out the form that it brought (services/once.py, which raises AlreadyDone for a second press), unless it is
    `apart`: written on the side.
    """
    session = db.session()
    refuse_when_read_only(session)
    if session.info.get("writing"):
        raise NestedWrite("finish the running write transaction first")
    if session.new or session.dirty or session.deleted:
        raise NestedWrite("something was changed before the write transaction began")
    session.rollback()
    session.expire_all()
    session.connection(execution_options={"immediate": True})
    session.info["writing"] = True
    form = None
    try:
        _may_still(session)
        form = None if apart else once.claim(session)
        yield session
        once.keep_made(session, form)
        reach("before_commit")
        session.commit()
        form = None
        reach("after_commit")
    except BaseException:
        session.rollback()
        once.unclaim(form)
        raise
    finally:
        session.info["writing"] = False


def ask_before_writing(session: Session, may_still: Callable[[Session], None]) -> None:
    """From here on every write transaction and every call to the outside of this session first asks whether it still
    may: in the transaction, under whatever lock that takes. It raises when not."""
    session.info["may_still"] = may_still


def _may_still(session: Session) -> None:
    may_still = session.info.get("may_still")
    if may_still is not None:
        may_still(session)


@contextmanager
def own_transaction(tenant_id: int) -> Iterator[Session]:
    """A short write transaction on a connection of its own, beside the request's session: the audit trail of a visit is
    written by it, while the visit's own session can only read."""
    if db.session().info.get("writing"):
        raise NestedWrite("a second connection would wait for the running write transaction for ever")
    session = db.session.session_factory()
    enter(session, tenant_id)
    session.connection(execution_options={"immediate": True})
    session.info["writing"] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()


def stop_reading() -> None:
    """End the read transaction: none may be open during a call to the outside."""
    db.session.rollback()


def no_transaction_open() -> None:
    """Raise when a transaction is open, or when whose session this is may not any more; the gateway asks this before
    every round trip."""
    try:
        session = db.session()
    except RuntimeError:
        return  # outside any application context (the process is ending): there is no session, so no transaction
    if session.in_transaction():
        raise RuntimeError("a database transaction is open during an outside call")
    if "may_still" in session.info:
        try:
            _may_still(session)
        finally:
            session.rollback()
