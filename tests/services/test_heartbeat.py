"""Signs of life: written once a minute beside everything else, read at most every fifteen seconds, never in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update

from models import DueWork, Heartbeat, Tenant
from models.due import COMPARE
from services import heartbeat
from services.invoicing import looking_back
from services.transaction import write_transaction
from tenancy import run
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


@pytest.mark.usefixtures("anew")
def test_a_sign_of_before_a_clock_was_set_back_is_none(app: Flask, leap: Callable[[timedelta], None]) -> None:
    heartbeat.beat(heartbeat.WORKER, uuid4())
    leap(-timedelta(hours=1))
    assert heartbeat.away() == heartbeat.Absence(None)
    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert heartbeat.away() is None
    db.session.rollback()
    leap(timedelta(minutes=20))
    assert heartbeat.away_over(timedelta(minutes=15)) == rows()[1][2], "not hidden by the one that lies ahead"


def test_signs_that_lie_ahead_do_not_hide_that_nobody_was_here(app: Flask, leap: Callable[[timedelta], None]) -> None:
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    with write_transaction() as session:
        session.execute(update(Tenant).values(look_back_since=None))
    leap(-timedelta(minutes=1))
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    assert db.session.scalars(select(Tenant.look_back_since)).first() is None, "a small correction marks nobody"
    leap(-timedelta(hours=1))
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    db.session.rollback()
    assert db.session.scalars(select(Tenant.look_back_since)).first() is not None


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
    monkeypatch.setattr(heartbeat, "beat", lambda kind, *_more: given.append(kind) or len(given) == 3)
    over = heartbeat.keep_beating(heartbeat.PORTAL, nullcontext)
    until(lambda: len(given) == 3)
    over.set()
    assert given == ["portal"] * 3


def marked() -> int:
    """How many tenants have to look back."""
    db.session.remove()
    return len(db.session.scalars(select(Tenant.id).where(Tenant.look_back_since.is_not(None))).all())


@pytest.fixture
def somebody_here(app: Flask) -> None:
    """A portal that lives gave a sign of life just now, and nobody has to look back."""
    run.join(db.engine)
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    with write_transaction() as session:
        session.execute(update(Tenant).values(look_back_since=None, row_version=1))


@pytest.mark.usefixtures("somebody_here")
def test_one_of_two_processes_that_comes_back_marks_nobody(leap: Callable[[timedelta], None]) -> None:
    leap(timedelta(minutes=1.5))
    heartbeat.beat(heartbeat.PORTAL, uuid4())  # a deploy: the other one was there all the time
    leap(timedelta(minutes=1.5))
    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert marked() == 0


@pytest.mark.usefixtures("somebody_here")
def test_whoever_comes_back_to_a_database_that_stood_still_has_everybody_look_back(
    leap: Callable[[timedelta], None],
) -> None:
    leap(timedelta(minutes=16))
    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert marked() == 2
    versions = db.session.scalars(select(Tenant.row_version)).all()
    assert versions == [1, 1], "nobody changed these companies"


def test_so_does_the_first_one_in_a_database_without_any_sign(app: Flask) -> None:
    heartbeat.beat(heartbeat.WORKER, uuid4())
    assert marked() == 2


@pytest.fixture
def beating(app: Flask, somebody_here: None) -> Iterator[None]:
    """This process gives signs of life beside somebody else's, and gave one just now."""
    over = heartbeat.keep_beating(heartbeat.PORTAL, app.app_context, timedelta(minutes=15))
    until(heartbeat.lately)
    assert len(rows()) == 2
    yield
    over.set()


def looks_back_after_standing_still(pause: timedelta, leap: Callable[[timedelta], None]) -> None:
    """The machine goes on in the middle of a minute: the thread gives no sign before a press comes."""
    mine = heartbeat._beating[db.engine]
    assert mine.last is not None
    mine.last -= pause.total_seconds()
    leap(pause)
    assert marked() == 0
    assert not heartbeat.lately()
    assert heartbeat.beat_now()
    assert heartbeat.lately()
    assert marked() == 2


@pytest.mark.usefixtures("beating")
def test_whoever_sends_waits_for_a_sign_of_a_process_that_was_away_itself(leap: Callable[[timedelta], None]) -> None:
    with counted() as asked:
        assert heartbeat.lately()
    assert asked == [], "it asks nothing as long as the process was here"
    looks_back_after_standing_still(timedelta(minutes=16), leap)


def test_a_restore_marks_every_company(app: Flask) -> None:
    looking_back.expect_to_be_behind()
    assert marked() == 2


def due() -> int:
    """For how many tenants the worker compares the books."""
    return len(db.session.scalars(select(DueWork.tenant_id).where(DueWork.what == COMPARE)).all())


@pytest.mark.usefixtures("somebody_here")
def test_a_sign_of_another_run_is_none_but_no_reason_to_compare_all_books(app: Flask) -> None:
    """Nobody has the file open any more, or the server began anew: what was there may have been put back."""
    with write_transaction() as session:
        session.execute(delete(DueWork))
        session.execute(update(Heartbeat).values(run="another"))
    heartbeat.beat(heartbeat.PORTAL, uuid4())
    assert (marked(), due()) == (2, 0)


@pytest.mark.usefixtures("somebody_here")
def test_a_process_whose_row_is_older_than_it_left_it_has_everybody_look_back(app: Flask) -> None:
    process = uuid4()
    given = 0
    for count in (1, 2, 3):
        given = heartbeat.beat(heartbeat.PORTAL, process, given=given)
        assert given == count
    assert marked() == 0
    with write_transaction() as session:
        session.execute(update(Heartbeat).where(Heartbeat.id == process).values(beats=2))
    assert heartbeat.beat(heartbeat.PORTAL, process, given=given) == 3
    assert marked() == 2


@pytest.mark.usefixtures("somebody_here")
def test_so_has_a_process_whose_row_is_gone(app: Flask) -> None:
    heartbeat.beat(heartbeat.PORTAL, uuid4(), given=4)
    assert marked() == 2


@pytest.mark.usefixtures("beating")
def test_whoever_stood_still_for_minutes_counts_no_sign_from_before(leap: Callable[[timedelta], None]) -> None:
    """A machine that was put back with all that ran on it: what it remembers went back too, the hour did not."""
    looks_back_after_standing_still(timedelta(minutes=3), leap)


@pytest.mark.usefixtures("beating")
def test_a_connection_that_broke_makes_whoever_sends_give_a_sign_first() -> None:
    db.session.connection().invalidate()
    db.session.remove()
    assert not heartbeat.lately()
    assert heartbeat.beat_now()
    assert heartbeat.lately()
    assert marked() == 0, "the server is the same one"


def test_rows_of_processes_that_ended_are_thrown_away(app: Flask, leap: Callable[[timedelta], None]) -> None:
    heartbeat.beat(heartbeat.WORKER, uuid4())
    leap(timedelta(hours=25))
    stays = uuid4()
    heartbeat.beat(heartbeat.WORKER, stays)
    db.session.rollback()
    assert heartbeat.tidy() == 1
    assert len(rows()) == 1


def test_what_follows_a_sign_may_fail_and_the_signs_go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "EVERY", 0.0)
    done: list[int] = []

    def fail() -> None:
        done.append(1)
        raise RuntimeError("broken")

    over = heartbeat.keep_beating(heartbeat.PORTAL, app.app_context, then=fail)
    until(lambda: len(done) > 2)
    over.set()
