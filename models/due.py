"""What waits for the worker: one row per tenant and kind of work, so that a round asks one table and not every tenant.

The rows are global, for on PostgreSQL nobody sees rows of a tenant without naming it; they hold no content. Whatever
may bring work says so (`BringsWork`), and its row here is written in the same transaction, as the last thing before its
commit. services/due_work.py takes rows away; docs/adr/0016 says why none gets lost.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, Uuid, case, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, SessionTransaction, UOWTransaction, mapped_column
from uuid_utils.compat import uuid7

from tenancy.clock import database_now
from tenancy.database import Base, Moment
from tenancy.fence import FencedSession

POSTINGS, SEAL, BULK, READ, COMPARE = "postings", "seal", "bulk", "read", "compare"
_BROUGHT = "brought"  # in a session's info: (tenant, kind) → from when on
_STANDS = "marks_stand"  # in a session's info: what it brings was marked before


class DueWork(Base):
    """A tenant has work of the kind `what` from `due_at` on. `stamp` is another one after everything that brought work:
    who looked before that does not take the row away."""

    __tablename__ = "due_work"
    __table_args__ = (Index("ix_due_work_what_due_at", "what", "due_at"),)
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"), primary_key=True)
    what: Mapped[str] = mapped_column(String(10), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    stamp: Mapped[UUID] = mapped_column(Uuid)


def written_after(moment: datetime) -> ColumnElement[bool]:
    """Of rows of DueWork: written down after this moment, by the database's clock of then (new_stamp)."""
    return DueWork.stamp > UUID(int=_milliseconds(moment) << 80)


def new_stamp(now: datetime) -> UUID:
    """A stamp that no other row has, and that begins with the moment."""
    made = uuid7()
    return UUID(int=_milliseconds(now) << 80 | made.int & (1 << 80) - 1)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class BringsWork:
    """Mixin of a tenant's table whose rows may bring work for the worker."""

    def work(self, now: datetime) -> tuple[str, datetime] | None:
        """Which kind of work this row brings as it stands, and from when on; None when there is none."""
        raise NotImplementedError


def marks_stand(session: Session) -> None:
    """This transaction writes no marks: an earlier one wrote those of the work that it brings, and nobody takes them
    away before it is over. For the outcome of an invoice under way (docs/adr/0016)."""
    session.info[_STANDS] = True


@event.listens_for(FencedSession, "after_flush")
def _notice(session: FencedSession, _context: UOWTransaction) -> None:
    for row in (*session.new, *session.dirty):
        if not isinstance(row, BringsWork) or not session.is_modified(row):
            continue
        work = row.work(database_now(session))
        if work is not None:
            brought = session.info.setdefault(_BROUGHT, {})
            key = session.info["tenant_id"], work[0]
            brought[key] = min(work[1], brought.get(key, work[1]))


@event.listens_for(FencedSession, "before_commit")
def _write(session: FencedSession) -> None:
    session.flush()
    brought: dict[tuple[int, str], datetime] = session.info.pop(_BROUGHT, {})
    if not brought or session.info.get(_STANDS):
        return
    now = database_now(session)
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    query = dialect.insert(DueWork).values(
        [  # sorted: everybody takes these rows in one order, so that no two wait for each other
            {"tenant_id": tenant_id, "what": what, "due_at": due_at, "stamp": new_stamp(now)}
            for (tenant_id, what), due_at in sorted(brought.items())
        ]
    )
    earlier = DueWork.due_at <= query.excluded.due_at
    from_when = case((earlier, DueWork.due_at), else_=query.excluded.due_at)
    session.execute(
        query.on_conflict_do_update(
            index_elements=["tenant_id", "what"], set_={"due_at": from_when, "stamp": query.excluded.stamp}
        )
    )


@event.listens_for(FencedSession, "after_transaction_end")
def _forget(session: FencedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_BROUGHT, None)
        session.info.pop(_STANDS, None)
