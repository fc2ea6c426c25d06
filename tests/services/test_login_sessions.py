"""That a session was seen is nice to know: it never fails a page and never waits for a lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from models import LoginSession
from tenancy.database import db
from tests.support.client import HouseClient


def seen(key: str) -> object:
    """When the session was seen last."""
    with db.engine.connect() as connection:
        return connection.scalar(select(LoginSession.seen_at).where(LoginSession.key == key))


def test_a_page_comes_while_somebody_holds_the_lock_and_the_next_page_writes_what_was_missed(
    app: Flask, client_as: Callable[[str], HouseClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = client_as("office")
    cookie = client.get_cookie("crafter_session")
    assert cookie is not None
    key = hashlib.sha256(cookie.value.encode()).hexdigest()
    mine = update(LoginSession).where(LoginSession.key == key)
    with db.engine.begin() as connection:
        long_ago = connection.scalar(select(LoginSession.seen_at).where(LoginSession.key == key)) - timedelta(minutes=9)
        connection.execute(mine.values(seen_at=long_ago))
    before = seen(key)
    with db.engine.connect().execution_options(immediate=True) as holder:
        holder.execute(mine.values(device=LoginSession.device))
        assert client.get("/t/vos/").status_code == 200
        holder.rollback()
    assert seen(key) == before
    assert "could not be touched" in caplog.text
    assert client.get("/t/vos/").status_code == 200
    assert seen(key) > before
