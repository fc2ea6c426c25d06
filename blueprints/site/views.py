"""Addresses that programs ask of any site: /robots.txt, /favicon.ico and /.well-known/security.txt (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime, time

from flask import Blueprint, Response, abort, current_app, make_response

from blueprints._dependencies import deps
from blueprints._doors import anyone

blueprint = Blueprint("site", __name__)


@blueprint.get("/robots.txt")
@anyone
def robots() -> Response:
    """Search engines may read the help; everything else is somebody's own."""
    return _text("User-agent: *\nAllow: /help/\nDisallow: /\n")


@blueprint.get("/favicon.ico")
@anyone
def favicon() -> Response:
    """The icon, for browsers that ask here without reading the page."""
    return current_app.send_static_file("favicon.ico")


@blueprint.get("/.well-known/security.txt")
@anyone
def security() -> Response:
    """Where to report a leak. 404 while nobody is named, and after its last day: then it may no longer be true."""
    operator, now = deps().settings.operator, datetime.now(UTC)
    if not operator.security_contact or operator.security_expires is None or operator.security_expires < now.date():
        abort(404)
    expires = datetime.combine(operator.security_expires, time(23, 59, 59), UTC)
    own = f"{deps().settings.base_url}/.well-known/security.txt"
    return _text(
        f"Contact: {operator.security_contact}\nExpires: {expires:%Y-%m-%dT%H:%M:%SZ}\nPreferred-Languages: nl, en\n"
        f"Canonical: {own}\n"
    )


def _text(words: str) -> Response:
    return make_response(words, {"Content-Type": "text/plain; charset=utf-8"})
