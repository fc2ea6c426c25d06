"""/robots.txt, /favicon.ico and /.well-known/security.txt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask

from app import create_app
from settings import Operator, Settings

FILE = "/.well-known/security.txt"


@pytest.fixture
def guarded(settings: Settings) -> Flask:
    """A portal whose operator says where to report a leak, until a day."""
    operator = Operator(security_contact="mailto:lek@bedrijf.example", security_expires=date(2027, 6, 30))
    return create_app(replace(settings, operator=operator))


def test_search_engines_may_read_the_help_and_nothing_else(app: Flask) -> None:
    answer = app.test_client().get("/robots.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.splitlines() == ["User-agent: *", "Allow: /help/", "Disallow: /"]


def test_a_browser_that_asks_without_reading_gets_an_icon(app: Flask) -> None:
    answer = app.test_client().get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.data[:4] == b"\0\0\1\0"  # an .ico file
    assert answer.mimetype in {"image/x-icon", "image/vnd.microsoft.icon"}


def test_where_to_report_a_leak_stands_there_until_its_last_day(guarded: Flask) -> None:
    client = guarded.test_client()
    with time_machine.travel(datetime(2027, 6, 30, 23, 59, tzinfo=UTC), tick=False):
        answer = client.get(FILE)
        assert answer.mimetype == "text/plain"
        assert "Contact: mailto:lek@bedrijf.example" in answer.text
        assert "Expires: 2027-06-30T23:59:59Z" in answer.text
        assert f"Canonical: {guarded.extensions['crafter'].settings.base_url}{FILE}" in answer.text
    with time_machine.travel(datetime(2027, 7, 1, tzinfo=UTC), tick=False):
        assert client.get(FILE).status_code == 404


def test_no_file_is_invented_while_nobody_is_named(app: Flask) -> None:
    assert app.test_client().get(FILE).status_code == 404
