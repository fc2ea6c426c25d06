"""The clock: deciding times come from the database, not from each process's own idea of now; days are Amsterdam's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def database_now(session: Any) -> datetime:
    """The present moment by the database, aware UTC, in milliseconds or better."""
    if session.get_bind().dialect.name == "sqlite":
        text = session.scalar(select(func.strftime("%Y-%m-%dT%H:%M:%f", "now")))
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    moment: datetime = session.scalar(select(func.clock_timestamp()))
    return moment.astimezone(UTC)


def today(session: Any) -> date:
    """The present day in Amsterdam, by the database's clock: an invoice's date, and a new order's number's year."""
    return day_of(database_now(session))


def day_of(moment: datetime) -> date:
    """The day that it is in Amsterdam at an aware moment."""
    return moment.astimezone(AMSTERDAM).date()


def midnight(day: date) -> datetime:
    """The moment at which a day begins in Amsterdam, aware UTC."""
    return datetime.combine(day, time(0), AMSTERDAM).astimezone(UTC)
