"""The settings area: functions, company, and the lists of numbers and of what happened.

The e-Boekhouden.nl page and the workers have rooms of their own beside this one.
"""

from __future__ import annotations

from flask import Response, flash, render_template, request, url_for
from flask_babel import gettext as _

from blueprints._csv import download
from blueprints._deeds import edits
from blueprints._doors import door, present_actor
from blueprints._filters import moment
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints._words import say
from blueprints.settings._blueprint import blueprint
from blueprints.settings.forms import CompanyForm, FeaturesForm
from domain import posting as states
from services.company import details as companies
from services.invoicing import issued_numbers
from services.link import connection


@blueprint.get("/features")
@door("settings:read")
def features() -> str:
    """Functies: what is switched on."""
    link = connection.present()
    form = FeaturesForm(data={"bookkeeping": link.enabled}).on({"bookkeeping": link.enabled})
    return render_template("settings/features.html", form=form, link=link)


def _switched(before: bool, now: bool) -> str:
    if now == before:
        return str(_("Er is niets gewijzigd."))
    if now:
        return str(_("Opgeslagen. Het tabblad e-Boekhouden.nl staat nu bij de instellingen."))
    return str(_("Opgeslagen. De koppeling staat uit: er gaat niets meer naar e-Boekhouden.nl."))


@blueprint.post("/features")
@door("settings:write")
@edits("connection", at=".features")
def save_features() -> Response | tuple[str, int]:
    """Switch the link with e-Boekhouden.nl on or off; its tab comes and goes with it."""
    form, before = FeaturesForm(), connection.feature_on()
    if form.validate():
        with refusals_at(form):
            connection.switch_feature(present_actor(), form.bookkeeping.data, form.opened)
            flash(_switched(before, connection.feature_on()), "ok")
            return go(url_for("settings.features"))
    return render_template("settings/features.html", form=form, link=connection.present()), 422


@blueprint.get("/company")
@door("settings:read")
def company() -> str:
    """Bedrijfsgegevens."""
    row, language = companies.present(), companies.language(present_actor())
    form = CompanyForm(obj=row, language=language).on(companies.stands(row, language))
    return render_template("settings/company.html", form=form)


@blueprint.post("/company")
@door("settings:write")
@edits("company", at=".company")
def save_company() -> Response | tuple[str, int]:
    """Save the company's details."""
    form = CompanyForm()
    if form.validate():
        with refusals_at(form):
            changed = companies.save(present_actor(), form.typed(), form.opened)
            flash(_("De bedrijfsgegevens zijn opgeslagen.") if changed else _("Er is niets gewijzigd."), "ok")
            return go(url_for("settings.company"))
    return render_template("settings/company.html", form=form), 422


@blueprint.get("/numbers")
@door("settings:read")
def numbers() -> str:
    """Factuurnummers: every number ever issued."""
    state = request.args.get("state", "")
    state = state if state in states.NUMBER_STATES else ""
    page = issued_numbers.list_(request.args.get("after", ""), state)
    return render_template(
        "settings/numbers.html", page=page, state=state, names=states.NUMBER_STATE_NAMES, looks=states.NUMBER_LOOKS
    )


@blueprint.get("/numbers/export")
@door("export:read", fresh=True)
def export_numbers() -> Response:
    """Every number ever issued, as a file for the accountant."""
    head = (_("Nummer"), _("Stand"), _("Waarom"), _("Werkbon"), _("Sinds"), _("Administratie"))
    rows = (
        (
            row.number,
            say(states.NUMBER_LOOKS[row.state]),
            say(row.reason),
            row.order_number,
            moment(row.changed_at),
            row.administration,
        )
        for row in issued_numbers.all_()
    )
    return download("factuurnummers.csv", head, rows)
