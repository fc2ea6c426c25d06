"""The clock: deciding times come from the database, not from each process's own idea of now; days are Amsterdam's."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Update, event, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, SessionTransaction

from tenancy.fence import FencedSession

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_KNOWN, _ASKED = "now", "now_asked"
_FRESH, _AFRESH = 10.0, 0.25  # seconds


def database_now(session: Any, afresh: bool = False) -> datetime:
    """The present moment by the database, aware UTC, in milliseconds or better. Asked once a transaction.

    So it may be as old as the transaction, but ten seconds at most, for the trail seals what is older than a minute:
    everything looks younger than it is and nobody acts too early. `afresh` is for who writes down until when something
    is his: no older than a quarter of a second, and `asked_at` tells since when he counts.
    """
    known: datetime | None = session.info.get(_KNOWN)
    if known is None or time.monotonic() - asked_at(session) > (_AFRESH if afresh else _FRESH):
        known, asked = _ask(session)
        _keep(session, known, asked)
    return known


def asked_at(session: Any) -> float:
    """When the present moment was asked, in time.monotonic seconds: before the database looked at its clock."""
    at: float = session.info.get(_ASKED, -math.inf)
    return at


def rows_and_clock(session: Any, query: Select[Any]) -> Sequence[Any]:
    """The rows of a query, and the clock asked along with it: a question less for who wants to know the time next."""
    asked = time.monotonic()
    found = session.execute(query.add_columns(_clock(session))).unique().all()  # lists may be loaded along
    if found:
        _keep(session, _moment(found[0][-1]), asked)
    return list(found)


def changed_and_clock(session: Any, query: Update) -> int:
    """How many rows an update changes, and the clock asked along with it."""
    asked = time.monotonic()
    query = query.returning(_clock(session)).execution_options(synchronize_session=False)
    found = session.execute(query).all()
    if found:
        _keep(session, _moment(found[0][0]), asked)
    return len(found)


def _keep(session: Any, known: datetime, asked: float) -> None:
    if isinstance(session, FencedSession):
        session.info[_KNOWN], session.info[_ASKED] = known, asked


@event.listens_for(FencedSession, "after_transaction_end")
def _forget(session: FencedSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KNOWN, None)
        session.info.pop(_ASKED, None)


def _ask(session: Any) -> tuple[datetime, float]:
    asked = time.monotonic()
    return _moment(session.scalar(select(_clock(session)))), asked


def _clock(session: Any) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%dT%H:%M:%f", "now")
    return func.clock_timestamp()


def _moment(said: str | datetime) -> datetime:
    if isinstance(said, str):
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    return said.astimezone(UTC)


def is_over(until: InstrumentedAttribute[Any], now: Any, furthest: Any) -> ColumnElement[bool]:
    """Of rows: that nothing is kept any more until this moment, as domain.moments.lasts has it with its `furthest`.
    Moments, or parameters that become those."""
    return or_(until.is_(None), until < now, until > furthest)


def today(session: Any) -> date:
    """The present day in Amsterdam, by the database's clock: an invoice's date, and a new order's number's year."""
    return day_of(database_now(session))


def day_of(moment: datetime) -> date:
    """The day that it is in Amsterdam at an aware moment."""
    return moment.astimezone(AMSTERDAM).date()


def midnight(day: date) -> datetime:
    """The moment at which a day begins in Amsterdam, aware UTC."""
    return datetime.combine(day, time_of_day(0), AMSTERDAM).astimezone(UTC)
