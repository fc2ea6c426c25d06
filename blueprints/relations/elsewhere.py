"""Relations of another administration than the one that is linked: who each of them is there, or none."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints._deeds import does
from blueprints._doors import door, present_actor
from blueprints._hypermedia import answer, go
from blueprints.relations.views import blueprint
from domain.message import Message, Refusal
from services.catalogue import elsewhere


def _page(status: int = 200, refused: Message | None = None) -> Response:
    context = {
        "found": elsewhere.page(request.args.get("after", "")),
        "waiting": elsewhere.count(),
        "there": elsewhere.there(),
        "more": request.args.get("more", ""),
        "refused": refused,
    }
    return answer("relations/elsewhere.html", "relations/_elsewhere.html", status, **context)


@blueprint.get("/elsewhere")
@door("relation:read")
def elsewhere_list() -> Response:
    """All of them by name, each with who looks like it."""
    return _page()


@blueprint.post("/elsewhere/sure")
@door("relation:write")
@does(at=".list_")
def take_sure() -> Response:
    """Each that certainly is one who is there becomes that one."""
    try:
        taken = elsewhere.take_sure(present_actor(), request.form.get("after", "")[:40])
    except Refusal as refusal:
        return _page(422, refusal.message)
    flash(ngettext("%(num)s relatie is overgenomen.", "%(num)s relaties zijn overgenomen.", taken.count), "ok")
    if taken.held:
        said = _(
            "Nog niet overgenomen: %(count)s. Open zo'n relatie en kies daar; dan ziet u waarom.", count=taken.held
        )
        flash(said, "warn")
    return go(url_for(".elsewhere_list", more=taken.after or None))


@blueprint.post("/elsewhere/aside")
@door("relation:write")
@does(at=".list_")
def put_aside_all() -> Response:
    """Leave all of them as they are."""
    count = elsewhere.put_aside_all(present_actor())
    flash(ngettext("%(num)s relatie is opgeborgen.", "%(num)s relaties zijn opgeborgen.", count), "ok")
    return go(url_for(".list_"))


@blueprint.post("/<uuid:relation_id>/aside")
@door("relation:write")
@does(at=".show")
def put_aside(relation_id: UUID) -> Response:
    """Leave one as it is."""
    try:
        elsewhere.put_aside(present_actor(), relation_id)
    except LookupError:
        abort(404)
    except Refusal as refusal:
        return _page(422, refusal.message)
    flash(_("De relatie is opgeborgen. Bij Relaties vindt u haar terug met ‘ook verdwenen’."), "ok")
    return go(url_for(".elsewhere_list"))


@blueprint.post("/<uuid:relation_id>/back")
@door("relation:write")
@does(at=".show")
def bring_back(relation_id: UUID) -> Response:
    """Take up again one that was put aside."""
    try:
        elsewhere.bring_back(present_actor(), relation_id)
    except LookupError:
        abort(404)
    return go(url_for(".show", relation_id=relation_id))
