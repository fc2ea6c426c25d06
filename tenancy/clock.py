"""The database's clock: deciding times come from one place, not from each process's own idea of now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select


def database_now(session: Any) -> datetime:
    """The present moment by the database, aware UTC, in milliseconds or better."""
    if session.get_bind().dialect.name == "sqlite":
        text = session.scalar(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now")))
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    moment: datetime = session.scalar(select(func.clock_timestamp()))
    return moment.astimezone(UTC)
