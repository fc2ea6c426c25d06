"""Signs of life: one row per process of the portal and of the worker, whatever tenants it works for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenancy.database import Base, Moment

WORKER, PORTAL = "worker", "portal"


class Heartbeat(Base):
    """A process that lived at `beat_at`, by the database's clock, in this `run` of the database (tenancy/run.py), and
    gave so many signs (`beats`) by then. `host`: on which machine."""

    __tablename__ = "heartbeat"
    __table_args__ = (Index("ix_heartbeat_kind_beat_at", "kind", "beat_at"),)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    host: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(Moment)
    beat_at: Mapped[datetime] = mapped_column(Moment)
    run: Mapped[str] = mapped_column(String(80), default="", server_default="")
    beats: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
