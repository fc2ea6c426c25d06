"""Meldingen per e-mail: which letters somebody wants of this company, and who gets which. Everybody chooses for
themselves, so that nobody misses what another switched off."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _
from wtforms import BooleanField

from blueprints._deeds import edits
from blueprints._doors import door, present_actor
from blueprints._forms import HouseForm
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints._words import say
from blueprints.settings._blueprint import blueprint
from domain.notices import KINDS
from services import telling


class NoticesForm(HouseForm):
    """One switch a kind; they are made from the table of kinds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, about in KINDS.items():
            self[kind].label.text = say(about.name)


for _kind in KINDS:
    setattr(NoticesForm, _kind, BooleanField())


@blueprint.get("/notices")
@door("notice:choose")
def notices() -> str:
    """The switches as the reader has them, and who gets what."""
    return _page()


def _page(form: NoticesForm | None = None) -> str:
    everybody = telling.receivers(present_actor())
    if form is None:
        mine = next((one.wants for one in everybody if one.person_id == present_actor().person_id), frozenset[str]())
        wants = {kind: kind in mine for kind in KINDS}
        form = NoticesForm(data=wants).on(wants)
    return render_template("settings/notices.html", form=form, kinds=KINDS, everybody=everybody)


@blueprint.post("/notices")
@door("notice:choose")
@edits("membership", at=".notices")
def save_notices() -> Response | tuple[str, int]:
    """Save the reader's own switches."""
    form = NoticesForm()
    if form.validate():
        with refusals_at(form):
            changed = telling.choose(present_actor(), frozenset(kind for kind in KINDS if form[kind].data), form.opened)
            flash(_("Opgeslagen. Het geldt vanaf de volgende mail.") if changed else _("Er is niets gewijzigd."), "ok")
            return go(url_for("settings.notices"))
    return _page(form), 422
