"""Medewerkers: list, new, edit. Nobody is deleted; somebody who left is made inactive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, flash, render_template, url_for
from flask_babel import gettext as _

from blueprints._deeds import edits, makes
from blueprints._doors import door, present_actor
from blueprints._filters import role
from blueprints._hypermedia import go
from blueprints._refusals import refusals_at
from blueprints._words import say
from blueprints.settings._blueprint import blueprint
from blueprints.settings.forms import WorkerForm
from services.company import workers as people
from services.company.workers import WorkerInput
from services.orders import handing_over


@blueprint.get("/workers")
@door("settings:read")
def workers() -> str:
    """All workers, those who left last."""
    return render_template("settings/workers.html", rows=people.list_(present_actor()))


@blueprint.get("/workers/new")
@door("settings:write")
def new_worker() -> str:
    """An empty form with the colour that is used least."""
    return _page(_offered(WorkerForm(data={"colour": people.next_colour(), "active": True})))


@blueprint.post("/workers/new")
@door("settings:write")
@makes("worker", at=".workers")
def create_worker() -> Response | tuple[str, int]:
    """Add a worker."""
    form = _offered(WorkerForm())
    if form.validate():
        with refusals_at(form):
            people.create(present_actor(), _input(form))
            flash(_("%(name)s is toegevoegd.", name=form.name.data.strip()), "ok")
            return go(url_for("settings.workers"))
    return _page(form), 422


@blueprint.get("/workers/<uuid:worker_id>/edit")
@door("settings:write")
def edit_worker(worker_id: UUID) -> str:
    """The form of one worker."""
    worker = _found(worker_id)
    return _page(_offered(WorkerForm(obj=worker).on(people.stands(worker)), worker_id), worker)


@blueprint.post("/workers/<uuid:worker_id>/edit")
@door("settings:write")
@edits("worker", at=".workers")
def update_worker(worker_id: UUID) -> Response | tuple[str, int]:
    """Save one worker."""
    _found(worker_id)
    form = _offered(WorkerForm(), worker_id)
    if form.validate():
        with refusals_at(form):
            changed = people.edit(present_actor(), worker_id, _input(form), form.opened)
            flash(
                _("%(name)s is opgeslagen.", name=form.name.data.strip()) if changed else _("Er is niets gewijzigd."),
                "ok",
            )
            return (None if form.active.data else to_what_is_left(worker_id)) or go(url_for("settings.workers"))
    return _page(form, _found(worker_id)), 422


def to_what_is_left(worker_id: UUID) -> Response | None:
    """To the work that somebody who leaves still has; None when there is none, or it is not for this person to plan."""
    if not present_actor().may("work_order:plan") or not handing_over.of(worker_id).visits:
        return None
    flash(_("Er staat nog werk open. Geef het aan iemand anders, of leg het terug in de werkvoorraad."), "warn")
    return go(url_for("planning.work_left", worker_id=worker_id))


def _found(worker_id: UUID) -> Any:
    try:
        return people.get(worker_id)
    except LookupError:
        abort(404)


def _offered(form: WorkerForm, worker_id: UUID | None = None) -> WorkerForm:
    form.colour.choices = [(colour, say(name)) for colour, name in people.COLOURS.items()]
    if not present_actor().may(people.SEE_TEAM):
        del form.person_id
        return form
    logins = people.logins(present_actor(), worker_id)
    form.person_id.choices = [("", _("geen login"))] + [
        (str(one.person_id), f"{one.name}, {one.email} ({role(one.role)})") for one in logins
    ]
    return form


def _input(form: WorkerForm) -> WorkerInput:
    login = form.person_id.data if "person_id" in form else None
    return WorkerInput(form.name.data or "", form.colour.data or "", form.active.data, login)


def _page(form: WorkerForm, worker: Any = None) -> str:
    return render_template("settings/worker.html", form=form, worker=worker, colours=people.COLOURS)
