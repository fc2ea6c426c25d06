"""One guard against what nobody types: signs that cannot be stored, more than a form has, numbers past all rows.

Nothing but the token of a form is read before it, so that what comes through is the same for SQLite and PostgreSQL.
"""

from __future__ import annotations

import re

from flask import Flask, Response, abort, render_template, request
from flask_babel import gettext as _

from blueprints._hypermedia import over_the_page, wants_fragment
from domain import sums
from web.errors import show
from web.once import BROUGHT
from web.secret_fields import is_secret, of_coming_in

MOST_BYTES = 256 * 1024  # of a form; nothing is uploaded
MOST_FIELDS = 2_000  # the longest form of ours: an order of 120 rows of 13 fields
MOST_ROWS = sums.MOST_LINES + 20  # of one list in a form: some stand empty
# C0 without tab and line ends, DEL, C1, and halves of a pair: none has a shape, PostgreSQL takes no NUL, XML takes few
_UNKEPT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_ROW = re.compile(r"([^-]+)-([^-]+)-.")  # a field of a row: lines-3-unit


def install(app: Flask) -> None:
    """Register the guard. Comes after CSRFProtect: what it shows is a form to go on with, filled in as it came."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES

    @app.before_request
    def refuse_odd_input() -> Response | None:
        asked = [request.path, *(text for pair in request.args.items(multi=True) for text in pair)]
        if any(map(_UNKEPT.search, asked)):
            abort(400)
        if request.method != "POST":
            return None
        given = list(request.form.items(multi=True))
        if len(given) > MOST_FIELDS or _rows(given) > MOST_ROWS:
            abort(413)
        if any(_UNKEPT.search(name) for name, _value in given):
            abort(400)
        return _ask_without(given) if any(_UNKEPT.search(value) for _name, value in given) else None


def _rows(given: list[tuple[str, str]]) -> int:
    """How many rows the longest list among these fields has, before one of them is built. A number that is none of
    ours (of another script, or past all that fit) is refused (400)."""
    found: dict[str, set[str]] = {}
    for name, _value in given:
        row = _ROW.match(name)
        if row and row[2].isdigit():
            if not row[2].isascii() or len(row[2]) > len(str(MOST_FIELDS)):
                abort(400)
            found.setdefault(row[1], set()).add(row[2])
    return max(map(len, found.values()), default=0)


def _ask_without(given: list[tuple[str, str]]) -> Response:
    """The form again without the signs, to be sent with one press: nothing typed is lost, nothing is done unasked.
    What was secret is not written into a page."""
    title = _("Er staat een teken in dat niet bewaard kan worden")
    if of_coming_in() or any(is_secret(name) for name, _value in given):
        return show(
            400, title, _("Er is niets gewijzigd."), _("Het is onzichtbaar, en komt vaak mee met kopiëren en plakken."),
            _("Ga terug en typ het over."),
        )  # fmt: skip
    fields = [(name, _UNKEPT.sub("", value)) for name, value in given if name not in BROUGHT]
    template = "errors/_odd_input.html" if wants_fragment() else "errors/odd_input.html"
    page = render_template(template, title=title, fields=fields, action=request.full_path.rstrip("?"))
    return over_the_page(Response(page, 400))
