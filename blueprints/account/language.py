"""The language one reads in: of one's account, and of the login page for who is not in yet."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, flash, request, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user

from blueprints._deeds import HERE, does
from blueprints._doors import anyone
from blueprints._freshness import safe_next
from blueprints._hypermedia import go
from blueprints.account._blueprint import blueprint
from domain.languages import LANGUAGES
from services.people import account


@blueprint.post("/language")
@anyone
@does(HERE)
def choose_language() -> Response:
    """Go on in another language, on the page one came from. One that is unknown changes nothing."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session["language"] = wanted  # the login page keeps it; a login begins with the person's own
        if current_user.is_authenticated:
            account.choose_language(current_user.person.id, wanted)
            current_user.person = replace(current_user.person, language=wanted)
            refresh()
            flash(_("Crafter spreekt nu Nederlands met u."), "ok")
    return go(safe_next(request.form.get("next")) or url_for("auth.home"))
