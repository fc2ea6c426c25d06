"""Toegang voor support: what this company lets support do. The owner's alone, and closed to support itself."""

from __future__ import annotations

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from blueprints._deeds import edits
from blueprints._doors import door, present_actor
from blueprints._fields import DayField
from blueprints._forms import HouseForm
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints.settings._blueprint import blueprint
from services.support import access


class SupportAccessForm(HouseForm):
    """May support look along, and until which day may it act?"""

    reading = BooleanField(_l("Support mag meekijken"))
    acting_through = DayField(_l("Support mag ook namens ons wijzigen, tot en met"))


@blueprint.get("/support-access")
@door("support_access:write", fresh=True)
def support_access() -> str:
    """How it stands now."""
    consent = access.present(present_actor())
    return _page(SupportAccessForm(data=consent.by_field()).on(consent.by_field()))


@blueprint.post("/support-access")
@door("support_access:write", fresh=True)
@edits("tenant", at=".support_access")
def save_support_access() -> Response | tuple[str, int]:
    """Save the consent; visits it no longer covers end at once."""
    form = SupportAccessForm()
    if form.validate():
        with refusals_at(form):
            changed = access.save(present_actor(), form.reading.data, form.acting_through.data, form.opened)
            flash(_("Opgeslagen. Het geldt meteen.") if changed else _("Er is niets gewijzigd."), "ok")
            return go(url_for("settings.support_access"))
    return _page(form), 422


def _page(form: SupportAccessForm) -> str:
    consent = access.present(present_actor())
    return render_template(
        "settings/support_access.html", form=form, consent=consent, last_day=access.last_day_allowed()
    )
