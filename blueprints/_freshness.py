"""Asking for the password again: some deeds want to know that it is still the same person at the keyboard."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from flask import Response, current_app, flash, request, session, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from blueprints import _kept
from blueprints._dependencies import deps
from blueprints._hypermedia import from_htmx, go


def mark_fresh() -> None:
    """The password, and the second factor where there is one, were given just now."""
    session["fresh_at"] = int(time.time())


def is_fresh() -> bool:
    """Whether they were given less than ten minutes ago."""
    limit = deps().settings.times.fresh.total_seconds()
    at: int = session.get("fresh_at", 0)
    return 0 <= time.time() - at <= limit


def safe_next(target: str | None) -> str | None:
    """A page asked for, if it is a path of ours that can be opened; else None: an address that only takes a form
    would answer with an error. Browsers read a backslash as a slash and drop control characters, so neither may be
    in it."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(ord(character) < 33 or not character.isprintable() for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc and _opens(parts.path) else None


def _opens(path: str) -> bool:
    """Whether a page answers to this path."""
    try:
        current_app.url_map.bind(request.host).match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def onward(target: str | None) -> str | None:
    """Where one goes on once it is sure who it is: to the form that was sent before, or as `safe_next`."""
    return target if _kept.is_address(target) else safe_next(target)


def to_confirmation(waits: str | None = None) -> Response:
    """To the page that asks the password, and from there back: to this page, or to the one whose form was sent, or
    where that form `waits`."""
    back = waits or came_from()
    a_file = "export" in (request.endpoint or "")  # a download has no page to come back to
    if request.method == "GET" and not from_htmx() and not a_file:
        back = request.full_path.rstrip("?")
    if waits:
        flash(
            _("Er is nog niets gewijzigd. Bevestig eerst dat u het bent; wat u invulde staat daarna weer klaar."),
            "warn",
        )
    elif request.method != "GET":
        flash(_("Er is nog niets gewijzigd. Bevestig eerst dat u het bent en doe het daarna nog eens."), "warn")
    return go(url_for("account.confirm", next=back))


def came_from() -> str:
    """The page of ours this request came from, or the form's own page, or the beginning."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc == request.host and safe_next(parts.path):
        asked = "&".join(pair for pair in parts.query.split("&") if not pair.startswith(f"{_kept.ASKED}="))
        return parts.path + (f"?{asked}" if asked else "")
    return request.path if _opens(request.path) else url_for("auth.home")
