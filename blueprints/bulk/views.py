"""Bulk: one preview of many executed orders, one press, and a job whose outcome per order is followed live."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from flask import Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext as _

from blueprints._deeds import does, makes
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer, go
from blueprints._words import say
from blueprints.work_orders.mending import mend
from domain.message import Refusal
from services.invoicing import bulk, bulk_preview, bulk_together

blueprint = tenant_blueprint("bulk", __name__, "/bulk")


@blueprint.get("/")
@door("work_order:approve")
def list_() -> Response:
    """The latest jobs."""
    return make_response(render_template("bulk/list.html", jobs=bulk.recent()))


@blueprint.get("/new")
@door("work_order:approve")
def new() -> Response:
    """The preview of all executed orders."""
    return _preview(bulk_preview.executed())


@blueprint.post("/preview")
@door("work_order:approve")
@does(at=".new")
def preview() -> Response:
    """The preview of the picked orders; it changes nothing."""
    picked = _ids(request.form.getlist("order"))
    if not picked:
        return _preview([], 422, _("Er is geen werkbon gekozen. Vink bij Werkbonnen aan welke er mee moeten."))
    return _preview(picked)


@blueprint.post("/start")
@door("work_order:approve")
@makes("bulk_job", at=".show")
def start() -> Response:
    """Start the job with what the preview showed: each order with the version that was seen."""
    return _begin(lambda wanted: bulk.start(deps(), present_actor(), wanted))


@blueprint.post("/together")
@door("work_order:approve")
@makes("bulk_job", at=".show")
def together() -> Response:
    """Post orders of one customer together, on as few invoices as they fit on."""
    yes = request.form.getlist("yes")
    return _begin(lambda wanted: bulk_together.post(deps(), present_actor(), wanted, yes))


def _begin(deed: Callable[[list[tuple[UUID, int]]], UUID]) -> Response:
    seen = [value.partition(":") for value in request.form.getlist("order")]
    wanted = [(UUID(order_id), int(version)) for order_id, _colon, version in seen if _readable(order_id, version)]
    try:
        return go(url_for(".show", job_id=deed(wanted)))
    except LookupError:
        abort(404)
    except Refusal as refusal:
        return _preview([order_id for order_id, _version in wanted], 422, say(refusal.message))


@blueprint.get("/<uuid:job_id>")
@door("work_order:approve")
def show(job_id: UUID) -> Response:
    """A job; while it runs the page asks again every two seconds."""
    return _job(job_id)


@blueprint.post("/<uuid:job_id>/stop")
@door("work_order:approve")
@does(at=".show")
def stop(job_id: UUID) -> Response:
    """Stop a job; the orders it did not come to stay executed."""
    try:
        bulk.stop(present_actor(), job_id)
    except LookupError:
        abort(404)
    return go(url_for(".show", job_id=job_id))


def _job(job_id: UUID) -> Response:
    try:
        found = bulk.progress(job_id)
    except LookupError:
        abort(404)
    return answer("bulk/show.html", "bulk/_job.html", found=found)


def _preview(order_ids: Iterable[UUID], status: int = 200, said: str = "") -> Response:
    look = bulk_preview.look(deps(), order_ids)
    way = mend(None, "connection")
    page = render_template("bulk/preview.html", look=look, said=said, link_way=way)
    return make_response(page, status)


def _ids(values: Iterable[str]) -> list[UUID]:
    return [UUID(value) for value in values if _readable(value)]


def _readable(order_id: str, version: str = "0") -> bool:
    try:
        UUID(order_id)
    except ValueError:
        return False
    return version.isascii() and version.isdigit() and len(version) < 10
