"""Flask-Login's user: a person as plain values."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from flask_login import LoginManager, UserMixin

from services import authentication
from services.authentication import SignedIn


class LoggedIn(UserMixin):
    """The person behind the session."""

    def __init__(self, person: SignedIn) -> None:
        self.person = person

    def get_id(self) -> str:
        return str(self.person.id)


def install(app: Flask) -> None:
    """Hook Flask-Login on; its own session protection ties to address and browser and would log mechanics out."""
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader
    def load(person_id: str) -> LoggedIn | None:
        person = authentication.person(UUID(person_id))
        return LoggedIn(person) if person else None
