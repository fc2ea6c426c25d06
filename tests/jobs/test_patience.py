"""A worker that finds a part missing waits for it, and says so once."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import redis
from flask import Flask
from huey import MemoryHuey
from sqlalchemy.exc import OperationalError

from jobs import patience, rounds
from jobs.patience import Patience, SaidOnce
from jobs.schedule import schedule


def sqlite_says(code: int) -> OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code  # type: ignore[misc]
    return OperationalError("UPDATE", {}, error)


MISSING: dict[str, Callable[[], Exception]] = {
    "away": lambda: sqlite_says(sqlite3.SQLITE_CANTOPEN),
    "full": lambda: sqlite_says(sqlite3.SQLITE_FULL),
    "busy": lambda: sqlite_says(sqlite3.SQLITE_BUSY),
    "no room": lambda: OSError(errno.ENOSPC, "no space left on device"),
    "queue": lambda: redis.ConnectionError("refused"),
}


@pytest.mark.parametrize("kind", MISSING)
def test_what_is_missing_is_waited_for_and_said_once(
    app: Flask, kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(patience, "AGAIN", 0.0)
    tries: list[int] = []

    def deed() -> str:
        tries.append(1)
        if len(tries) < 4:
            raise MISSING[kind]()
        return "done"

    assert Patience().until_there(deed) == "done"
    assert len(tries) == 4
    assert caplog.text.count("the worker waits") == 1
    assert caplog.text.count("the worker goes on") == 1


def test_a_mistake_of_ours_is_not_waited_for(app: Flask) -> None:
    def broken() -> None:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        Patience().until_there(broken)
    with pytest.raises(OperationalError):  # no such table
        Patience().until_there(lambda: (_ for _ in ()).throw(sqlite_says(sqlite3.SQLITE_ERROR)))


def test_a_round_that_finds_the_database_away_is_over_and_the_next_one_tries(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue = MemoryHuey("test")
    schedule(queue, app, app.extensions["crafter"], Patience())
    (name,) = [one for one in queue._registry._registry if one.endswith("every_minute")]
    run = queue._registry.string_to_task(name)().execute
    here = [False]

    def round_(_deps: object) -> None:
        if not here[0]:
            raise sqlite_says(sqlite3.SQLITE_CANTOPEN)

    monkeypatch.setattr(rounds.due_work, "tenants_with", lambda *_kinds, **_named: round_(None) or [])
    for _ in range(3):
        run()
    assert caplog.text.count("the worker waits") == 1
    here[0] = True
    run()
    assert caplog.text.count("the worker goes on") == 1


@pytest.mark.parametrize(("code", "goes_on"), [(sqlite3.SQLITE_FULL, False), (sqlite3.SQLITE_BUSY, True)])
def test_a_full_disk_met_in_one_tenant_ends_the_round_and_a_lock_held_there_does_not(
    app: Flask, vos: SimpleNamespace, code: int, goes_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> None:
        raise sqlite_says(code)

    sealed: list[object] = []
    monkeypatch.setattr(rounds.due_work, "tenants_with", lambda what, **_named: [vos.tenant_id])
    monkeypatch.setattr(rounds.recovery, "recover_all", fails)
    monkeypatch.setattr(rounds.seals, "seal", lambda *_given: sealed.append(1))
    with nullcontext() if goes_on else pytest.raises(OperationalError):
        rounds.every_minute(app.extensions["crafter"])
    assert bool(sealed) == goes_on


def test_the_queues_complaint_comes_once() -> None:
    said = SaidOnce()
    record = logging.LogRecord("huey", logging.ERROR, "", 0, "Error reading from queue", (), None)
    assert [said.filter(record) for _ in range(3)] == [True, False, False]
