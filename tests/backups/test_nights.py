"""The backup of every night: one, kept fourteen nights, tried again, and told to support when it is old."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from blueprints._words import say
from domain.message import msg
from jobs import rounds
from services.backups import archive, nights
from settings import Settings
from tests.support.client import HouseClient

NIGHT = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
OLD = "Aandacht nodig: de back-up is te oud"


@pytest.fixture
def on_a_file(app: Flask) -> Settings:
    """Settings of this installation, which is on SQLite."""
    settings: Settings = app.extensions["crafter"].settings
    if not settings.database_url.startswith("sqlite"):
        pytest.skip("the nights are the same on both; the copy on PostgreSQL is tests/postgres/test_backup.py")
    return settings


def _made(settings: Settings, at: datetime, why: str = archive.NIGHT) -> Path:
    settings.backups_in.mkdir(exist_ok=True)
    path = settings.backups_in / archive.name_of(at, why)
    path.write_bytes(b"of before")
    return path


def test_one_a_night_and_only_in_the_night(on_a_file: Settings) -> None:
    now = datetime.now(UTC)
    assert nights.make_tonight(on_a_file, now, at_night=False) is None, "by day only when the newest is late"
    assert nights.make_tonight(on_a_file, now, at_night=True) is not None
    assert nights.make_tonight(on_a_file, now, at_night=True) is None
    assert len(archive.nights(on_a_file.backups_in)) == 1


def test_a_night_that_was_missed_is_made_by_day(on_a_file: Settings) -> None:
    now = datetime.now(UTC)
    _made(on_a_file, now - timedelta(hours=27))
    assert nights.make_tonight(on_a_file, now, at_night=False) is not None


def test_where_nobody_ever_worked_at_night_the_first_one_is_made_by_day(
    on_a_file: Settings, cast: SimpleNamespace
) -> None:
    now = datetime.now(UTC)
    assert nights.make_tonight(on_a_file, now + timedelta(hours=25), at_night=False) is None, "the night may still come"
    assert nights.make_tonight(on_a_file, now + timedelta(hours=27), at_night=False) is not None


def test_fourteen_are_kept_and_what_a_person_made_stays(on_a_file: Settings) -> None:
    now = datetime.now(UTC)
    old = [_made(on_a_file, now - timedelta(days=days)) for days in range(20, 0, -1)]
    by_hand = _made(on_a_file, now - timedelta(days=400), archive.BY_HAND)
    made = nights.make_tonight(on_a_file, now, at_night=True)
    assert made is not None
    assert archive.nights(on_a_file.backups_in) == [*old[-13:], made.path]
    assert by_hand.exists()


def test_after_a_clock_was_set_back_a_night_is_made_kept_and_missed_all_the_same(on_a_file: Settings) -> None:
    now = datetime.now(UTC)
    ahead = [_made(on_a_file, now + timedelta(days=days)) for days in range(1, 15)]
    assert nights.standing(on_a_file).made_at is None
    nights._note(on_a_file.backups_in, now + timedelta(days=14), msg("De schijf is vol"))
    made = nights.make_tonight(on_a_file, now, at_night=True)
    assert made is not None
    assert archive.nights(on_a_file.backups_in) == [made.path, *ahead[1:]]
    assert nights.standing(on_a_file).made_at == archive.moment_of(made.path)
    made.path.unlink()
    old = _made(on_a_file, now - timedelta(hours=37))
    assert (nights.standing(on_a_file).made_at, nights.standing(on_a_file).old) == (archive.moment_of(old), True)
    assert nights.make_tonight(on_a_file, now, at_night=False) is not None, "late, so by day"


def test_a_failure_is_told_leaves_the_former_ones_and_is_tried_again(
    on_a_file: Settings, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    former = _made(on_a_file, now - timedelta(hours=40))

    def full(*_given: Any, **_more: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(archive.os, "fsync", full)
        assert nights.make_tonight(on_a_file, now, at_night=True) is None
    found = nights.standing(on_a_file)
    assert ("is vol" in str(found.problem), found.old) == (True, True)
    with app.test_request_context(), force_locale("en"):
        assert "is full" in say(found.problem), "whoever reads it, in their own language"
    assert archive.nights(on_a_file.backups_in) == [former]
    assert nights.make_tonight(on_a_file, now + timedelta(minutes=10), at_night=True) is None, "not every ten minutes"
    assert nights.make_tonight(on_a_file, now + timedelta(hours=1), at_night=True) is not None
    assert str(nights.standing(on_a_file).problem) == ""


def test_two_workers_make_one(on_a_file: Settings, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    halfway, go_on = threading.Event(), threading.Event()
    pack = archive.pack

    def held(*given: Any) -> None:
        halfway.set()
        assert go_on.wait(60)
        pack(*given)

    monkeypatch.setattr(archive, "pack", held)

    def work() -> None:
        with app.app_context():
            nights.make_tonight(on_a_file, NIGHT, at_night=True)

    first = threading.Thread(target=work)
    first.start()
    assert halfway.wait(60)
    assert nights.make_tonight(on_a_file, NIGHT, at_night=True) is None
    go_on.set()
    first.join()
    assert len(archive.nights(on_a_file.backups_in)) == 1


def test_the_round_makes_it_and_off_is_off(app: Flask, on_a_file: Settings) -> None:
    deps = app.extensions["crafter"]
    rounds.every_backup(replace(deps, settings=replace(on_a_file, backups="off")), at_night=True)
    assert not on_a_file.backups_in.exists()
    rounds.every_backup(deps, at_night=True)
    assert len(archive.nights(on_a_file.backups_in)) == 1


def test_support_sees_the_age_and_is_told_above_36_hours(
    on_a_file: Settings, client_as: Callable[[str], HouseClient]
) -> None:
    support = client_as("support")
    assert OLD not in support.get("/support/").text, "an installation of today has no backup yet"
    young = _made(on_a_file, datetime.now(UTC) - timedelta(hours=35))
    page = support.get("/support/").text
    assert (OLD in page, "Nieuwste back-up" in page) == (False, True)
    (on_a_file.backups_in / "crafter-nacht-van voor de verhuisdag Z.zip").write_bytes(b"a copy of somebody")
    problem = "De schijf van <hier> is vol"
    nights._note(on_a_file.backups_in, datetime.now(UTC), msg("De schijf van %(folder)s is vol", folder="<hier>"))
    assert f"ging het mis: {escape(problem)}" in support.get("/support/").text
    young.unlink()
    _made(on_a_file, datetime.now(UTC) - timedelta(hours=37))
    page = support.get("/support/").text
    assert (OLD in page, f"ging het mis: {escape(problem)}" in page) == (True, True)
    assert OLD not in client_as("owner").get("/t/vos/").text, "it is support's, not a company's"
