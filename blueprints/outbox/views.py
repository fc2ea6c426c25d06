"""The mail the demo would have sent. It holds one-time links, so it exists in the demo only, and is open there to
anyone: who forgot a password cannot log in to read the mail about it, and every demo password is on the login page."""

from __future__ import annotations

import re

from flask import Blueprint, Response, abort, make_response, render_template

from blueprints._dependencies import deps
from blueprints._doors import anyone
from services import mail

blueprint = Blueprint("outbox", __name__)
LINK = re.compile(r"https?://[^\s<>\"]+")


@blueprint.get("/outbox")
@anyone
def show() -> Response:
    """What waits in the outbox, newest first."""
    try:
        letters = mail.outbox(deps())
    except LookupError:
        abort(404)
    own = deps().settings.base_url
    shown = [(one, _pieces(one.text, own)) for one in letters]
    return make_response(render_template("outbox/show.html", letters=shown))


def _pieces(text: str, own: str) -> list[tuple[str, str]]:
    """The text in pieces, each with the address it leads to; only our own links can be pressed."""
    pieces, at = [], 0
    for found in LINK.finditer(text):
        pieces.append((text[at : found.start()], ""))
        pieces.append((found.group(), found.group() if found.group().startswith(own + "/") else ""))
        at = found.end()
    return [*pieces, (text[at:], "")]
