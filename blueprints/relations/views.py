"""Relations on the screen: the list with its sync, one relation, and making and editing one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from blueprints._choices import row_id
from blueprints._deeds import does, edits, makes
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer, go
from blueprints._refusals import put_beside, refusals_at
from blueprints._sync import sync_context
from blueprints.relations.forms import CodeForm, LocationForm, NotesForm, RelationForm, ThereForm
from domain.message import Message, Refusal
from domain.relation import LONGEST, RelationDetails
from domain.same_customer import COMPARED
from services.catalogue import elsewhere, locations, lookalikes, relations, remote_relations
from services.catalogue.use_instead import use_instead
from services.link import connection, runs
from services.reconciliation import paid
from tenancy.clock import day_of

blueprint = tenant_blueprint("relations", __name__, "/relations")


def _list_context() -> dict[str, Any]:
    """The rows asked for; a POST of the sync carries the same words along in its form."""
    text, vanished = request.values.get("q", "").strip()[:100], bool(request.values.get("vanished"))
    after = request.args.get("after", "")
    page = relations.list_(text, vanished, after)
    return {"found": page, "q": text, "vanished": vanished, "after": after}


@blueprint.get("/")
@door("relation:read")
def list_() -> Response:
    """All relations by name, searched and paged; htmx takes the rows alone."""
    return answer("relations/list.html", "relations/_list.html", sync=sync_context("relations"), **_list_context())


@blueprint.get("/sync")
@door("relation:read")
def progress() -> Response:
    """How far the reading is, or what came of the last one; the page asks for this by itself while one is under way."""
    result = sync_context("relations", runs.last_run("relations"), pressed=False)
    return answer("relations/list.html", "sync/_result.html", sync=result, **_list_context())


@blueprint.post("/sync")
@door("bookkeeping:sync")
@does(at=".list_")
def sync() -> Response:
    """Read the relations in and show what came of it above the list."""
    run, refusal = None, None
    try:
        run = relations.sync_now(deps(), present_actor())
    except Refusal as refused:
        refusal = refused.message
    result = sync_context("relations", run, refusal)
    status = 422 if refusal else 200
    return answer("relations/list.html", "relations/_board.html", status, sync=result, **_list_context())


@blueprint.post("/fetch")
@door("bookkeeping:sync")
@makes("relation", at=".show")
def fetch() -> Response:
    """Read the one relation with this code; for a list too long to come whole."""
    try:
        relation_id = remote_relations.fetch(deps(), present_actor(), request.form.get("code", "")[:100])
    except Refusal as refusal:
        result = sync_context("relations", None, refusal.message)
        return answer("relations/list.html", "relations/_board.html", 422, sync=result, **_list_context())
    flash(_("De relatie is opgehaald uit e-Boekhouden."), "ok")
    return go(url_for(".show", relation_id=relation_id))


def _form_page(form: RelationForm, relation: Any, status: int = 200) -> Response:
    return answer(
        "relations/form.html", "relations/_form.html", status, form=form, relation=relation, compared=COMPARED
    )


@blueprint.get("/new")
@door("relation:write")
def new() -> Response:
    """An empty form."""
    return _form_page(RelationForm(), None)


@blueprint.get("/alike")
@door("relation:write")
def alike() -> Response:
    """Who looks like the customer that is being typed; the form asks for it by itself."""
    typed: dict[str, Any] = {name: request.args.get(name, "")[: LONGEST[name]] for name in COMPARED}
    found = lookalikes.of_typed(RelationDetails(**typed))
    return answer("relations/alike.html", "relations/_alike.html", found=found)


@blueprint.post("/")
@door("relation:write")
@makes("relation", at=".show")
def create() -> Response:
    """Make a relation here."""
    form = RelationForm()
    if form.validate():
        with refusals_at(form):
            relation_id = relations.create(present_actor(), form.typed())
            flash(_("De relatie is opgeslagen."), "ok")
            return go(url_for(".show", relation_id=relation_id))
    return _form_page(form, None, 422)


def _relation(relation_id: UUID) -> Any:
    return relations.get(relation_id) or abort(404)


def _show(relation: Any, status: int = 200, **forms: Any) -> Response:
    """The page of one relation; a form that was refused comes back as it was typed."""
    context = {
        "relation": relation,
        "orders": relations.latest_orders(relation.id),
        "code_form": forms.get("code_form") or CodeForm(formdata=None),
        "notes_form": forms.get("notes_form") or NotesForm(formdata=None, obj=relation).on(relations.own(relation)),
        "refused": forms.get("refused"),
        "sync": sync_context("relations"),
        "alike": lookalikes.of(relation) if relation.remote_id is None else [],
        "owed": paid.owed_by(relation.id, day_of(datetime.now(UTC))) if present_actor().may("price:read") else None,
        "of_another": elsewhere.is_one(relation),
        "same_code": request.form.get("code", "")[:15] if forms.get("refused") else "",
    }
    return answer("relations/show.html", "relations/_show.html", status, **context)


@blueprint.get("/<uuid:relation_id>")
@door("relation:read")
def show(relation_id: UUID) -> Response:
    """One relation: facts, work orders, work sites and notes."""
    return _show(_relation(relation_id))


@blueprint.get("/<uuid:relation_id>/edit")
@door("relation:write")
def edit(relation_id: UUID) -> Response:
    """The form of one made here, or of one in the bookkeeping while the link is active."""
    relation = _relation(relation_id)
    if relation.remote_id is None:
        form = RelationForm(obj=relation).on(relations.stands(relation))
        form.is_company.data = "yes" if relation.is_company else "no"
        return _form_page(form, relation)
    if not connection.is_active():
        return go(url_for(".show", relation_id=relation_id))
    there = ThereForm()
    there.open(remote_relations.as_typed(relation))
    return _form_page(there, relation)


@blueprint.post("/<uuid:relation_id>")
@door("relation:write")
@edits("relation", at=".show")
def update(relation_id: UUID) -> Response:
    """Save one made here, or change one in the bookkeeping."""
    relation = _relation(relation_id)
    if relation.remote_id is not None:
        return _update_there(relation_id)
    form = RelationForm()
    if form.validate():
        with refusals_at(form):
            relations.edit(present_actor(), relation_id, form.typed(), form.opened)
            flash(_("De relatie is opgeslagen."), "ok")
            return go(url_for(".show", relation_id=relation_id))
    return _form_page(form, _relation(relation_id), 422)


def _update_there(relation_id: UUID) -> Response:
    form = ThereForm()
    if form.validate():
        with refusals_at(form):
            try:
                changed = remote_relations.edit_remote(deps(), present_actor(), relation_id, form.typed(), form.seen())
            except remote_relations.Moved as moved:
                for name, message in moved.told.items():
                    put_beside(form, Refusal(message, name))
            else:
                there = _("De wijziging staat in e-Boekhouden en hier.")
                flash(there if changed else _("U hebt niets gewijzigd; er is niets verstuurd."), "ok")
                return go(url_for(".show", relation_id=relation_id))
    relation = _relation(relation_id)
    form.open(remote_relations.as_typed(relation))
    return _form_page(form, relation, 422)


@blueprint.post("/<uuid:relation_id>/code")
@door("relation:write")
@does(at=".show")
def save_code(relation_id: UUID) -> Response:
    """Fill in the code of a relation that has none."""
    _relation(relation_id)
    form = CodeForm()
    if form.validate():
        try:
            relations.save_code(present_actor(), relation_id, form.code.data)
            flash(_("De code is opgeslagen. Werkbonnen van deze relatie kunnen nu worden gefactureerd."), "ok")
            return go(url_for(".show", relation_id=relation_id))
        except Refusal as refusal:
            if _relation(relation_id).code:  # somebody was first, so there is no form to put it beside
                return _refused(relation_id, refusal.message)
            put_beside(form, refusal)
    return _show(_relation(relation_id), 422, code_form=form)


@blueprint.post("/<uuid:relation_id>/remote")
@door("relation:write")
@does(at=".show")
def create_remote(relation_id: UUID) -> Response:
    """Make a relation of ours in the bookkeeping."""
    _relation(relation_id)
    try:
        anyway = request.form.get("anyway") == "y"
        code = remote_relations.create_remote(deps(), present_actor(), relation_id, anyway)
    except Refusal as refusal:
        return _refused(relation_id, refusal.message)
    flash(_("De relatie staat nu in e-Boekhouden, met code %(code)s.", code=code), "ok")
    return go(url_for(".elsewhere_list") if request.form.get("list") else url_for(".show", relation_id=relation_id))


@blueprint.post("/<uuid:relation_id>/same")
@door("relation:write")
@does(at=".list_")
def same(relation_id: UUID) -> Response:
    """This one, made here, is another that is there already: its work goes over."""
    _relation(relation_id)
    try:
        other = _other()
        count = use_instead(present_actor(), relation_id, other)
    except LookupError:
        abort(404)
    except Refusal as refusal:
        return _refused(relation_id, refusal.message)
    flash(_("Dit is nu de relatie. Werkbonnen die meekwamen: %(count)s.", count=count), "ok")
    return go(url_for(".elsewhere_list") if request.form.get("list") else url_for(".show", relation_id=other))


def _other() -> UUID:
    """The relation that was chosen, by its id or by its code. Raises Refusal when none has that code."""
    code = request.form.get("code")
    return elsewhere.with_code(code[:100]) if code is not None else row_id(request.form.get("other", "")) or abort(404)


@blueprint.post("/<uuid:relation_id>/notes")
@door("relation:write")
@edits("relation", at=".show")
def save_notes(relation_id: UUID) -> Response:
    """Save what we keep of it ourselves."""
    _relation(relation_id)
    form = NotesForm()
    if form.validate():
        with refusals_at(form):
            relations.save_own(present_actor(), relation_id, form.typed(), form.opened)
            flash(_("Wat u van deze klant bijhoudt, is opgeslagen."), "ok")
            return go(url_for(".show", relation_id=relation_id))
    return _show(_relation(relation_id), 422, notes_form=form)


def _location_page(form: LocationForm, relation: Any, location: Any, status: int = 200) -> Response:
    context = {"form": form, "relation": relation, "location": location}
    return answer("relations/location_form.html", "relations/_location_form.html", status, **context)


@blueprint.get("/<uuid:relation_id>/locations/new")
@door("relation:write")
def new_location(relation_id: UUID) -> Response:
    """An empty form for a work site."""
    return _location_page(LocationForm(), _relation(relation_id), None)


@blueprint.post("/<uuid:relation_id>/locations")
@door("relation:write")
@makes("location", at=".show")
def create_location(relation_id: UUID) -> Response:
    """Add a work site."""
    return _save_location(relation_id, None)


def _location(relation_id: UUID, location_id: UUID) -> Any:
    return locations.get(relation_id, location_id) or abort(404)


@blueprint.get("/<uuid:relation_id>/locations/<uuid:location_id>")
@door("relation:write")
def edit_location(relation_id: UUID, location_id: UUID) -> Response:
    """The form of a work site."""
    location = _location(relation_id, location_id)
    return _location_page(LocationForm(obj=location).on(locations.stands(location)), _relation(relation_id), location)


@blueprint.post("/<uuid:relation_id>/locations/<uuid:location_id>")
@door("relation:write")
@edits("location", at=".show")
def update_location(relation_id: UUID, location_id: UUID) -> Response:
    """Save a work site."""
    _location(relation_id, location_id)
    return _save_location(relation_id, location_id)


def _save_location(relation_id: UUID, location_id: UUID | None) -> Response:
    _relation(relation_id)
    form = LocationForm()
    if form.validate():
        with refusals_at(form):
            if location_id is None:
                locations.create(present_actor(), relation_id, form.typed())
            else:
                locations.edit(present_actor(), relation_id, location_id, form.typed(), form.opened)
            flash(_("De werklocatie is opgeslagen."), "ok")
            return go(url_for(".show", relation_id=relation_id, _anchor="locations"))
    location = _location(relation_id, location_id) if location_id else None
    return _location_page(form, _relation(relation_id), location, 422)


@blueprint.post("/<uuid:relation_id>/locations/<uuid:location_id>/remove")
@door("relation:write")
@does(at=".show")
def remove_location(relation_id: UUID, location_id: UUID) -> Response:
    """Remove a work site, unless a work order names it."""
    _location(relation_id, location_id)
    try:
        locations.remove(present_actor(), relation_id, location_id)
    except Refusal as refusal:
        return _refused(relation_id, refusal.message)
    flash(_("De werklocatie is verwijderd."), "ok")
    return go(url_for(".show", relation_id=relation_id, _anchor="locations"))


def _refused(relation_id: UUID, message: Message) -> Response:
    return _show(_relation(relation_id), 422, refused=message)
