"""Logboek: everything that happened, newest first; to filter, to page through, to download. Nothing can be changed."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request
from flask_babel import gettext as _

from blueprints._csv import download
from blueprints._doors import door
from blueprints._filters import moment
from blueprints._words import say
from blueprints.settings._blueprint import blueprint
from domain import calendar
from services.trail import history as log
from services.trail.history import Filter, Line


@blueprint.get("/history")
@door("history:read")
def history() -> str:
    """A page of the log that matches the filter."""
    wanted = _wanted()
    page = log.list_(request.args.get("after", ""), wanted)
    kinds = [(word, name) for word, (name, _events) in log.KINDS.items()]
    return render_template("settings/history.html", page=page, wanted=wanted, kinds=kinds, given=_given(wanted))


@blueprint.get("/history/export")
@door("export:read", fresh=True)
def export_history() -> Response:
    """All that matches the filter, as a file."""
    lines = log.export(_wanted())
    head = (_("Wanneer"), _("Wie"), _("Namens of bij"), _("Wat"), _("Waar"), _("Soort"))
    rows = ((moment(line.at), line.who, _whose(line), say(line.what), line.name, line.event) for line in lines)
    return download("logboek.csv", head, rows)


def _whose(line: Line) -> str:
    if not line.on_behalf_of:
        return ""
    whom = line.on_behalf_of
    return str(_("namens %(whom)s", whom=whom) if line.acted else _("support, bij %(whom)s", whom=whom))


def _wanted() -> Filter:
    kind = request.args.get("kind", "")
    return Filter(
        kind if kind in log.KINDS else "",
        request.args.get("who", "").strip()[:100],
        calendar.parse_day(request.args.get("since", "")),
        calendar.parse_day(request.args.get("through", "")),
        request.args.get("visits") == "1",
    )


def _given(wanted: Filter) -> dict[str, Any]:
    """The filter as a URL carries it on."""
    return {
        "kind": wanted.kind or None,
        "who": wanted.who or None,
        "since": wanted.since.isoformat() if wanted.since else None,
        "through": wanted.through.isoformat() if wanted.through else None,
        "visits": "1" if wanted.visits_only else None,
    }
