"""Instellingen > e-Boekhouden.nl > Administraties: which ones the link was with, and the codes kept of them."""

from __future__ import annotations

from flask import Response, flash, render_template, url_for
from flask_babel import gettext as _

from blueprints._deeds import does
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._forms import HouseForm
from blueprints._hypermedia import go
from blueprints.settings._blueprint import blueprint
from blueprints.settings.bookkeeping import where_switched_on
from services.invoicing import left_behind
from services.link import ever_linked


@blueprint.get("/e-boekhouden/administrations")
@door("settings:read")
@where_switched_on
def administrations() -> str:
    """All of them, the first one first."""
    return render_template("settings/administrations.html", rows=ever_linked.listed(), form=HouseForm())


@blueprint.post("/e-boekhouden/administrations/<int:number>/erase")
@door("bookkeeping:connect", fresh=True)
@where_switched_on
@does(at=".administrations")
def erase_codes(number: int) -> Response:
    """Throw away the codes that are kept of an administration, whatever is open there."""
    left_behind.erase(deps(), present_actor(), number)
    flash(_("De bewaarde codes zijn gewist."), "ok")
    return go(url_for("settings.administrations"))
