"""Signs of life: written once a minute beside everything else, read at most every fifteen seconds, never in the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from models import Heartbeat
from services import heartbeat
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.statements import counted
from tests.support.waiting import until


def rows() -> list[Any]:
    db.session.remove()
    return list(db.session.execute(select(Heartbeat.kind, Heartbeat.started_at, Heartbeat.beat_at)))


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read is asked again each time."""
    monkeypatch.setattr(heartbeat, "_REMEMBERED", 0.0)


def test_a_process_has_one_row_however_long_it_lives(app: Flask, leap: Callable[[timedelta], None]) -> None:
    process = uuid4()
    assert heartbeat.beat(heartbeat.WORKER, process)
    leap(timedelta(minutes=1))
    assert heartbeat.beat(heartbeat.WORKER, process)
    ((kind, started, beat),) = rows()
    assert kind == "worker"
    assert timedelta(seconds=55) < beat - started < timedelta(seconds=90)


@pytest.mark.usefixtures("anew")
def test_a_worker_is_away_three_minutes_after_its_last_sign(app: Flask, leap: Callable[[timedelta], None]) -> None:
    assert heartbeat.away() == heartbeat.Absence(None)
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    assert heartbeat.away() == heartbeat.Absence(None)
    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert heartbeat.away() is None
    db.session.rollback()
    leap(timedelta(minutes=2))
    assert heartbeat.away() is None
    db.session.rollback()
    leap(timedelta(minutes=2))
    gone = heartbeat.away()
    assert gone is not None
    assert gone.since == rows()[1][2]


def test_pages_read_it_once_in_a_while(app: Flask) -> None:
    with counted() as asked:
        for _ in range(5):
            heartbeat.away()
    assert sum("heartbeat" in statement for statement in asked) == 1


def test_a_sign_hardly_waits_for_a_lock_and_fails_nobody(app: Flask) -> None:
    process = uuid4()
    heartbeat.beat(heartbeat.WORKER, process)
    with app.app_context(), write_transaction() as session:  # a session of its own, as another request has
        session.execute(text("UPDATE heartbeat SET host = 'x'"))
        with app.app_context(), counted() as asked:
            assert not heartbeat.beat(heartbeat.WORKER, process)
    assert any(one.endswith(("busy_timeout = 50", "lock_timeout = '50ms'")) for one in asked)
    assert heartbeat.beat(heartbeat.WORKER, process)


def test_a_thread_gives_them_and_tries_again_soon(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(heartbeat, "AGAIN", 0.01)
    monkeypatch.setattr(heartbeat, "beat", lambda kind, _process: given.append(kind) or len(given) == 3)
    over = heartbeat.keep_beating(heartbeat.PORTAL, nullcontext)
    until(lambda: len(given) == 3)
    over.set()
    assert given == ["portal"] * 3


def test_rows_of_processes_that_ended_are_thrown_away(app: Flask, leap: Callable[[timedelta], None]) -> None:
    heartbeat.beat(heartbeat.WORKER, uuid4())
    leap(timedelta(hours=25))
    stays = uuid4()
    heartbeat.beat(heartbeat.WORKER, stays)
    db.session.rollback()
    assert heartbeat.tidy() == 1
    assert len(rows()) == 1
