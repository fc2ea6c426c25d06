"""The clock: deciding times come from the database, not from each process's own idea of now; days are Amsterdam's."""

from __future__ import annotations

import math
import time
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, func, select
from sqlalchemy.orm import SessionTransaction

from tenancy.fence import FencedSession

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_KNOWN, _ASKED = "now", "now_asked"
_FRESH = 10.0  # seconds


def database_now(session: Any, afresh: bool = False) -> datetime:
    """The present moment by the database, aware UTC, in milliseconds or better. Asked once a transaction.

    So it may be as old as the transaction, but ten seconds at most, for the trail seals what is older than a minute:
    everything looks younger than it is and nobody acts too early. `afresh` asks again, and is for who writes down until
    when something is his.
    """
    known: datetime | None = None if afresh else session.info.get(_KNOWN)
    if known is None or time.monotonic() - session.info.get(_ASKED, math.inf) > _FRESH:
        known = _ask(session)
        if isinstance(session, FencedSession):
            session.info[_KNOWN], session.info[_ASKED] = known, time.monotonic()
    return known


@event.listens_for(FencedSession, "after_transaction_end")
def _forget(session: FencedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KNOWN, None)
        session.info.pop(_ASKED, None)


def _ask(session: Any) -> datetime:
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
    return datetime.combine(day, time_of_day(0), AMSTERDAM).astimezone(UTC)
