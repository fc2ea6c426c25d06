"""The blueprint of logging in, and how a session begins."""

from __future__ import annotations

from flask import Blueprint, Response, after_this_request, request, session, url_for
from flask_login import login_user

from blueprints import _kept, _words
from blueprints._dependencies import deps
from blueprints._freshness import mark_fresh, safe_next
from blueprints._hypermedia import go
from blueprints._people import LoggedIn
from services.people import authentication, known_devices
from services.people.authentication import SignedIn
from services.people.throttle import Gate

blueprint = Blueprint("auth", __name__)


def begin(person: SignedIn) -> None:
    """A new session at login: nothing of the one before it survives, but which forms of this person wait."""
    _kept.clear_session_for(person.id)
    session.rotate = True  # type: ignore[attr-defined]
    login_user(LoggedIn(person))
    mark_fresh()
    email = person.email

    @after_this_request
    def remember(response: Response) -> Response:
        known = known_devices.make(deps().settings.secret_key, email)
        secure = deps().settings.https
        response.set_cookie(_cookie(email), known, max_age=known_devices.LIFE, secure=secure, httponly=True,
                            samesite="Lax", path="/")  # fmt: skip
        return response


def known_device(email: str) -> Gate | None:
    """The counter of this browser, when the person with this address logged in from it before."""
    given = request.cookies.get(_cookie(email), "")
    return known_devices.gate(deps().settings.secret_key, given, email)


def _cookie(email: str) -> str:
    """One for each who logs in here; what it says of whom is a hash."""
    name = f"crafter-known-{known_devices.name(email)}"
    return f"__Host-{name}" if deps().settings.https else name


def addressee(token: str, purpose: str) -> str | None:
    """The address a one-time link belongs to, or None when it works no longer; the page then speaks that person's
    language, unless another was picked."""
    found = authentication.holder(token, purpose)
    if found is None:
        return None
    _words.hint(found[1])
    return found[0]


def onward(target: str | None) -> Response:
    """To the form that was sent when the login was gone; else to the page asked for, if it is one of ours, or to the
    beginning."""
    return go(_kept.next_address() or safe_next(target) or url_for("auth.home"))
