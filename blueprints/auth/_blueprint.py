"""The blueprint of logging in, and how a session begins."""

from __future__ import annotations

from flask import Blueprint, Response, session, url_for
from flask_login import login_user

from blueprints import _words
from blueprints._freshness import mark_fresh, safe_next
from blueprints._hypermedia import go
from blueprints._people import LoggedIn
from services.people import authentication
from services.people.authentication import SignedIn

blueprint = Blueprint("auth", __name__)


def begin(person: SignedIn) -> None:
    """A new session at login: nothing of the one before it survives."""
    session.clear()
    session.rotate = True  # type: ignore[attr-defined]
    login_user(LoggedIn(person))
    mark_fresh()


def addressee(token: str, purpose: str) -> str | None:
    """The address a one-time link belongs to, or None when it works no longer; the page then speaks that person's
    language, unless another was picked."""
    found = authentication.holder(token, purpose)
    if found is None:
        return None
    _words.hint(found[1])
    return found[0]


def onward(target: str | None) -> Response:
    """To the page asked for before logging in, if it is one of ours; else to the beginning."""
    return go(safe_next(target) or url_for("auth.home"))
