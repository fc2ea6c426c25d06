"""Days are Amsterdam's, also when its clock changes; the database is asked for the time once a transaction."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from flask import Flask
from sqlalchemy import event, select

from models import Tenant
from services.invoicing import intending, press
from tenancy.clock import asked_at, database_now, day_of, midnight, rows_and_clock
from tenancy.database import db
from tests.support.sandbox_process import Sandbox


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_amsterdam(moment: datetime, day: date) -> None:
    assert day_of(moment) == day


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 26), 24)]
)
def test_a_day_is_as_long_as_the_clock_makes_it(day: date, hours: int) -> None:
    assert midnight(day + timedelta(days=1)) - midnight(day) == timedelta(hours=hours)
    assert day_of(midnight(day)) == day
    assert day_of(midnight(day) - timedelta(seconds=1)) == day - timedelta(days=1)


def asked(session: Any, work: Callable[[], object]) -> int:
    """How often the database was asked for the time."""
    statements: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return sum("strftime" in one or "clock_timestamp" in one for one in statements)


def test_the_clock_is_asked_once_a_transaction_and_anew_in_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenancy.clock._FRESH", 600.0)  # a busy machine takes its time between two questions
    monkeypatch.setattr("tenancy.clock._AFRESH", 60.0)
    session = db.session()
    assert asked(session, lambda: [database_now(session) for _ in range(3)]) == 1
    session.rollback()
    assert asked(session, lambda: database_now(session)) == 1
    assert asked(session, lambda: database_now(session, afresh=True)) == 0, "it was asked just now"
    session.info["now_asked"] -= 61.0
    assert asked(session, lambda: database_now(session)) == 0
    assert asked(session, lambda: database_now(session, afresh=True)) == 1


def test_the_clock_is_asked_along_with_rows_and_a_deadline_counts_from_before_that(app: Flask) -> None:
    session = db.session()
    before = time.monotonic()
    ((tenant, _clock), *_others) = rows_and_clock(session, select(Tenant).order_by(Tenant.id))
    assert tenant.slug == "vos"
    assert before <= asked_at(session) <= time.monotonic()
    assert asked(session, lambda: database_now(session)) == 0
    known = database_now(session)
    session.rollback()
    assert asked_at(session) == -math.inf
    assert timedelta(0) <= database_now(session) - known < timedelta(minutes=1)


def test_a_lease_begins_when_it_is_taken_however_long_the_transaction_waited_before(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    began = database_now(db.session())
    real = intending.candidates

    def waited(*given: Any) -> Any:
        db.session().info.update(now=began - timedelta(hours=1), now_asked=time.monotonic() - 1)
        return real(*given)

    with mock.patch.object(intending, "candidates", side_effect=waited) as looked:
        press.approve(vos.deps, vos.actor, vos.order_id)
    assert looked.called
    row = press.present_posting(vos.order_id)
    assert row is not None
    assert row.sent_at is not None
    assert row.sent_at >= began
