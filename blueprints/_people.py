"""Flask-Login's user: a person as plain values."""

from __future__ import annotations

from flask_login import UserMixin

from services.people.authentication import SignedIn


class LoggedIn(UserMixin):
    """The person behind the session."""

    def __init__(self, person: SignedIn) -> None:
        self.person = person

    def get_id(self) -> str:
        return str(self.person.id)
