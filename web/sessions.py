"""Flask's session over rows of our own: the cookie holds a random token, nothing else."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.datastructures import CallbackDict

from domain import device
from domain.message import NOTHING
from services.people import login_sessions
from services.people.authentication import SignedIn
from settings import Settings
from tenancy.unavailable import why_unavailable

_NOBODYS = ("/static/", "/bootstrap/", "/healthz", "/readyz", "/metrics")  # paths that are the same for everybody


class RowSession(CallbackDict[str, Any], SessionMixin):
    """A session's data, and `known`: the person whose it was when the request came.

    `rotate` asks for a new token at the next answer (at login, confirming and stepping in); for the same person the
    session then goes on under it, for anybody else it ends and another begins. `asleep`: it is neither known nor saved;
    `unread`: because the database could not tell.
    """

    def __init__(self, initial: dict[str, Any] | None, token: str | None, known: SignedIn | None = None) -> None:
        super().__init__(initial or {}, lambda changed: setattr(changed, "modified", True))
        self.token = token
        self.known = known
        self.person = self.get("_user_id")
        self.new = token is None
        self.rotate = False
        self.asleep = False
        self.unread: Exception | None = None
        self.modified = False


def _asleep(unread: Exception | None = None) -> RowSession:
    """The 404 page of a missing file must not put a new session in the place of the real one; nor is an error that a
    stranger runs into (web/errors.py) a reason to begin one."""
    asleep = RowSession(None, None)
    asleep.asleep, asleep.unread = True, unread
    return asleep


class RowSessions(SessionInterface):
    """Opens and saves RowSession. An unknown token is never adopted."""

    def __init__(self, settings: Settings, secure: bool) -> None:
        self.settings = settings
        self.secure = secure
        # __Host- binds the cookie to this host and to https; on plain loopback http a browser refuses it.
        self.cookie = "__Host-crafter" if secure else "crafter_session"

    def open_session(self, app: Flask, request: Request) -> RowSession:
        if request.path.startswith(_NOBODYS):
            return _asleep()
        token = request.cookies.get(self.cookie)
        try:
            found = login_sessions.read(token, self.settings.times) if token else None
        except Exception as error:
            if why_unavailable(error) is None:
                raise
            return _asleep(error)  # told by web/away.py
        return RowSession(found.data, token, found.person) if found is not None else RowSession(None, None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        assert isinstance(session, RowSession)
        if session.asleep:
            return
        response.vary.add("Cookie")
        if session.rotate and session.token:
            if session.person and session.get("_user_id") == session.person:
                token = login_sessions.new_token()
                login_sessions.renew(session.token, token, dict(session))
                self._give(response, token)
                return
            login_sessions.end(session.token)
            session.token = None
        if not session:
            if session.modified and session.token:
                login_sessions.end(session.token)
                response.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="Lax")
            return
        if not session.modified and session.token:
            return
        fresh = session.token is None
        if fresh and request.method == "HEAD":  # who asks whether we are there gets no form that needs it
            return
        token = session.token or login_sessions.new_token()
        where = device.words(request.headers.get("User-Agent", "")) if fresh else NOTHING
        login_sessions.save(token, dict(session), fresh, where, (request.remote_addr or "") if fresh else "")
        if fresh:
            self._give(response, token)

    def _give(self, response: Response, token: str) -> None:
        response.set_cookie(self.cookie, token, secure=self.secure, httponly=True, samesite="Lax", path="/")
