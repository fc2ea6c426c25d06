"""What people are told by mail of their own company: one row per event, so that each is told once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from tenancy.database import Base, Moment

WAITING = text("written_at IS NULL")


class Notice(Base):
    """An event of a kind (domain/notices.py) in a tenant; `event` names it among those of its kind. `since`: since when
    it is so. `written_at`: when its letters were put in the outbox, or nobody was to get one.

    Global, as work that waits is (models/due.py): the round that writes the letters asks one table, not every tenant.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "event"),
        Index("ix_notice_waiting", "since", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_notice_since", "since"),
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    tenant_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tenant.id"))
    kind: Mapped[str] = mapped_column(String(20))
    event: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime] = mapped_column(Moment)
    written_at: Mapped[datetime | None] = mapped_column(Moment)
