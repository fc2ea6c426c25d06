"""The mail that would have been sent. It holds one-time links, so there is none in production, and it opens to who sits
at this machine only, logged in or not: who forgot a password cannot log in to read the mail about it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template

from blueprints._dependencies import deps
from blueprints._doors import anyone
from blueprints._this_machine import from_this_machine
from domain import links
from services import mail

blueprint = Blueprint("outbox", __name__)


@blueprint.get("/outbox")
@anyone
def show() -> Response:
    """What waits in the outbox, newest first."""
    if not from_this_machine():
        abort(404)
    try:
        letters = mail.outbox(deps())
    except LookupError:
        abort(404)
    own = deps().settings.base_url
    shown = [(one, _pieces(one.text, own)) for one in letters]
    return make_response(render_template("outbox/show.html", letters=shown))


def _pieces(text: str, own: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the address it leads to; only our own links can be pressed."""
    return [(piece, address if address.startswith(own + "/") else "") for piece, address in links.pieces(text)]
