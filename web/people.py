"""Flask-Login finds the person behind a session."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from flask_login import LoginManager

from blueprints import _words
from blueprints._people import LoggedIn
from services.people import authentication


def install(app: Flask) -> None:
    """Hook Flask-Login on; its own session protection ties to address and browser and would log mechanics out."""
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(person_id: str) -> LoggedIn | None:
        person = authentication.person(UUID(person_id))
        if person is None:
            return None
        _words.remember(person.language)
        return LoggedIn(person)
