"""Instellingen > e-Boekhouden.nl > Synchronisaties: what was read in, when, and what came of it."""

from __future__ import annotations

from flask import render_template, request

from blueprints._doors import door
from blueprints.settings._blueprint import blueprint
from blueprints.settings.bookkeeping import where_switched_on
from services.link import runs


@blueprint.get("/e-boekhouden/syncs")
@door("settings:read")
@where_switched_on
def syncs() -> str:
    """The runs, newest first; the nightly ones too."""
    return render_template("settings/syncs.html", page=runs.list_(request.args.get("after", "")))
