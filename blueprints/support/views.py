"""Support's own pages: the companies without their content, opening and closing one, stepping in and stopping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import SelectChoice

from blueprints._deeds import does, makes
from blueprints._dependencies import deps
from blueprints._doors import fresh_only, staff
from blueprints._filters import role
from blueprints._hypermedia import answer, go
from blueprints._refusals import refusals_at
from blueprints._words import say
from blueprints.support.forms import OpenForm, StepInForm, SuspendForm
from domain.message import Refusal
from services.backups import nights
from services.support import desk
from services.support import visits as visiting

blueprint = Blueprint("support", __name__, url_prefix="/support")


@blueprint.get("/")
@staff
def tenants() -> Response:
    """All companies, or those found; counts only, nothing of what is inside."""
    text = request.args.get("q", "")
    return answer(
        "support/tenants.html",
        "support/_tenants.html",
        rows=desk.list_tenants(text),
        text=text,
        most=desk.MOST,
        backups=nights.standing(deps().settings),
        going_on=_visit_going_on(),
    )


def _visit_going_on() -> dict[str, Any] | None:
    """The visit this session is in the middle of, if any: where, why and how many minutes are left."""
    given = session.get("visit_id")
    found = visiting.present_visit(UUID(given)) if given else None
    if found is None:
        return None
    left = max(0, int((found.ends_at - datetime.now(UTC)).total_seconds() // 60))
    return {"slug": session.get("visit_slug", ""), "reason": found.reason, "minutes": left}


@blueprint.get("/visits")
@staff
def visits() -> str:
    """Every visit of support, newest first: who, where, how, why, and when it ended."""
    return render_template("support/visits.html", page=desk.visits(request.args.get("after", "")))


@blueprint.get("/new")
@staff
@fresh_only
def new() -> str:
    """The form of a new company."""
    return render_template("support/new.html", form=OpenForm())


@blueprint.post("/new")
@staff
@fresh_only
@makes("tenant", at=".tenants")
def create() -> Response | tuple[str, int]:
    """Open a company; its first owner is asked by mail."""
    form = OpenForm()
    if form.validate():
        wanted = (form.slug.data, form.name.data, form.owner_email.data)
        with refusals_at(form):
            desk.open_tenant(deps(), current_user.person, *wanted, language=form.language.data)
            flash(
                _("%(name)s is geopend. De eigenaar krijgt een mail met de vraag om mee te doen.", name=wanted[1]), "ok"
            )
            return go(url_for("support.tenants"))
    return render_template("support/new.html", form=form), 422


@blueprint.post("/<slug>/owner")
@staff
@fresh_only
@does(at=".tenants")
def ask_owner(slug: str) -> Response:
    """Ask the first owner again, whose link ran out or got lost."""
    try:
        email = desk.ask_owner_again(deps(), current_user.person, slug)
        flash(_("%(email)s is opnieuw gevraagd. De vorige link werkt niet meer.", email=email), "ok")
    except LookupError:
        abort(404)
    except Refusal as refusal:
        flash(say(refusal.message), "warn")
    return go(url_for("support.tenants"))


@blueprint.get("/<slug>/suspend")
@staff
@fresh_only
def suspend_form(slug: str) -> str:
    """Close or reopen a company."""
    return render_template("support/suspend.html", form=SuspendForm(), row=_tenant(slug))


@blueprint.post("/<slug>/suspend")
@staff
@fresh_only
@does(at=".tenants")
def suspend(slug: str) -> Response | tuple[str, int]:
    """Close a company with a reason."""
    form, row = SuspendForm(), _tenant(slug)
    if form.validate():
        with refusals_at(form):
            desk.suspend(current_user.person, slug, form.reason.data)
            flash(_("%(name)s is gesloten. Niemand kan er nog in.", name=row.name), "ok")
            return go(url_for("support.tenants"))
    return render_template("support/suspend.html", form=form, row=row), 422


@blueprint.post("/<slug>/resume")
@staff
@fresh_only
@does(at=".tenants")
def resume(slug: str) -> Response:
    """Open a closed company again."""
    row = _tenant(slug)
    desk.resume(current_user.person, slug)
    flash(_("%(name)s is weer open.", name=row.name), "ok")
    return go(url_for("support.tenants"))


@blueprint.get("/<slug>/step-in")
@staff
@fresh_only
def step_in_form(slug: str) -> Response:
    """Why do you step in, and how? The customer reads the answer too."""
    return _step_in(slug, _form(slug))


@blueprint.post("/<slug>/step-in")
@staff
@fresh_only
@makes("support_visit", at=".tenants")
def step_in(slug: str) -> Response:
    """Begin a visit and go to the company's start page."""
    form = _form(slug)
    if form.validate():
        subject = UUID(form.subject_id.data) if form.subject_id.data else None
        wish = visiting.Wish(form.mode.data, form.reason.data, form.ticket.data or "", subject, form.anyway.data)
        with refusals_at(form):
            try:
                visit_id = visiting.step_in(deps(), current_user.person, slug, wish)
            except LookupError:
                abort(404)
            else:
                session["visit_id"], session["visit_slug"] = str(visit_id), slug
                session.rotate = True  # type: ignore[attr-defined]
                return go(url_for("start.show", tenant_slug=slug))
    return _step_in(slug, form, 422)


def _form(slug: str) -> StepInForm:
    form = StepInForm()
    office = _("het bedrijf, met de rechten van administratie")
    people = [SelectChoice(str(who.id), f"{who.name} ({role(who.role)})") for who in visiting.subjects(slug)]
    form.subject_id.choices = [SelectChoice("", office), *people]
    return form


def _step_in(slug: str, form: StepInForm, status: int = 200) -> Response:
    row = _tenant(slug)
    if row.suspended:
        abort(404)
    minutes = int(deps().settings.times.support_visit.total_seconds() // 60)
    return answer("support/step_in.html", "support/_step_in.html", status, form=form, row=row, minutes=minutes)


@blueprint.post("/stop")
@staff
@does(at=".tenants")
def stop() -> Response:
    """End the visit of this session; from any page, also when it ran out already."""
    visit_id = session.pop("visit_id", None)
    session.pop("visit_slug", None)
    if visit_id:
        visiting.stop(current_user.person, UUID(visit_id))
        flash(_("Uw bezoek is gestopt."), "ok")
    session.rotate = True  # type: ignore[attr-defined]
    return go(url_for("support.tenants"))


def _tenant(slug: str) -> desk.TenantRow:
    try:
        return desk.tenant(slug)
    except LookupError:
        abort(404)
