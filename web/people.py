"""Flask-Login finds the person behind a session."""

from __future__ import annotations

from typing import cast

from flask import Flask, session
from flask_login import LoginManager

from blueprints import _words
from blueprints._people import LoggedIn
from web.sessions import RowSession


def install(app: Flask) -> None:
    """Hook Flask-Login on; its own session protection ties to address and browser and would log mechanics out."""
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(person_id: str) -> LoggedIn | None:
        known = cast(RowSession, session).known  # read along with the session, in one statement
        if known is None or str(known.id) != person_id:
            return None
        _words.remember(known.language)
        return LoggedIn(known)
