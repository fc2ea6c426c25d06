"""Moments that were kept, held against a clock that may have been set back since.

A clock that was put an hour back leaves everything that waits for a moment an hour too far ahead. How long the jump was
nobody can know; how long a wait can be is known. So what lies further ahead than that was written by another clock, and
says nothing. tenancy/clock.py asks the same of rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

CLOCKS_DIFFER = timedelta(minutes=1)  # between two machines whose clocks are right


def furthest(now: datetime, longest: timedelta) -> datetime:
    """How far ahead a wait of at most `longest` may lie. Twice that, so that a small correction ends none."""
    return now + 2 * longest


def lasts(until: datetime | None, now: datetime, longest: timedelta) -> bool:
    """Whether something that is kept until a moment, at most `longest` after it was written, still is."""
    return until is not None and now <= until <= furthest(now, longest)


def counted_from(until: datetime | None, now: datetime, longest: timedelta) -> datetime | None:
    """The moment from which what follows a wait is counted: its end, or now when that lies too far ahead to be true."""
    return now if until is not None and until > furthest(now, longest) else until


def is_recent(at: datetime | None, now: datetime, within: timedelta) -> bool:
    """Whether something happened no longer than `within` ago. What seems to have happened that far ahead says
    nothing."""
    return at is not None and now - within <= at <= now + within


def is_ahead(at: datetime, now: datetime) -> bool:
    """Whether a moment in the past was written by a clock that was set back since, or is only as far ahead as the
    clocks of two machines differ."""
    return at > now + CLOCKS_DIFFER
