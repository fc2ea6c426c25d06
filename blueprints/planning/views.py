"""The planning board and the form that plans or moves an order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from blueprints._deeds import does, edits
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer, go
from blueprints._refusals import refusals_at
from blueprints.planning.forms import HandOverForm, PlanForm
from domain import calendar
from domain.work_order import STARTED
from services.orders import handing_over, planning, work_orders
from services.orders.start import the_day

blueprint = tenant_blueprint("planning", __name__, "/planning")


@blueprint.get("/")
@door("planning:read")
def show() -> Response:
    """A week per worker; `week` is 2026-W47, `day` the day the phone shows. Anything else means now."""
    today = the_day()
    day = calendar.parse_day(request.args.get("day", ""))
    monday = calendar.parse_week(request.args.get("week", "")) or planning.monday_of(day or today)
    week = planning.week(monday)
    if day not in week.days:
        day = today if today in week.days else monday
    return answer(
        "planning/show.html",
        "planning/_board.html",
        week=week,
        day=day,
        today=today,
        this_week=calendar.write_week(monday),
        before=calendar.write_week(monday - timedelta(days=7)),
        after=calendar.write_week(monday + timedelta(days=7)),
        now_week=calendar.write_week(today),
    )


@blueprint.get("/<uuid:order_id>")
@door("work_order:plan")
def form(order_id: UUID) -> Response:
    """The form that plans an order: a page of its own, or inline beside the board."""
    order = _order(order_id)
    return _form(PlanForm(obj=order).on(work_orders.plan_of(order)), order)


@blueprint.post("/<uuid:order_id>")
@door("work_order:plan")
@edits("visit", at=".show")
def plan(order_id: UUID) -> Response:
    """Plan or move the order, or put it back in the backlog; then to the week it stands in."""
    order = _order(order_id)
    number, typed = order.number, PlanForm()
    if "ask" in request.form:
        typed.worker_id.ask(typed)
        return _form(typed, order)
    back = "to_backlog" in request.form
    if back or typed.validate():
        on, worker, at = (
            (None, None, None) if back else (typed.planned_on.data, typed.worker_id.data, typed.planned_from.data)
        )
        with refusals_at(typed):
            try:
                hours = typed.planned_hours.data
                work_orders.plan(present_actor(), order_id, on, worker, at, hours, typed.opened)
                return _planned(number, on)
            except LookupError:
                abort(404)
    return _form(typed, _order(order_id), 422)


def _form(typed: PlanForm, order: Any, status: int = 200) -> Response:
    return answer("planning/form.html", "planning/_form.html", status, order=order, form=typed)


def _planned(number: str, on: date | None) -> Response:
    if on is None:
        flash(_("Werkbon %(number)s staat weer in de werkvoorraad.", number=number), "ok")
        return go(url_for("planning.show"))
    flash(_("Werkbon %(number)s is ingepland.", number=number), "ok")
    return go(url_for("planning.show", week=calendar.write_week(on), day=on.isoformat()))


@blueprint.get("/worker/<uuid:worker_id>")
@door("work_order:plan")
def work_left(worker_id: UUID) -> Response:
    """What somebody still has to do, to give to somebody else or put back in the backlog."""
    return _left(HandOverForm(), worker_id)


@blueprint.post("/worker/<uuid:worker_id>")
@door("work_order:plan")
@does(at=".work_left")
def hand_over(worker_id: UUID) -> Response:
    """Give the picked work to somebody else, or put it back in the backlog."""
    form = HandOverForm()
    if "ask" in request.form:
        form.worker_id.ask(form)
        return _left(form, worker_id)
    back = "to_backlog" in request.form
    if back or form.validate():
        with refusals_at(form):
            actor, picked = present_actor(), form.picked
            if back:
                n = handing_over.put_back(actor, worker_id, picked)
            else:
                n = handing_over.hand_over(actor, worker_id, picked, form.worker_id.data)
            flash(ngettext("%(num)s werkbon verplaatst.", "%(num)s werkbonnen verplaatst.", n), "ok")
            return go(url_for(".work_left", worker_id=worker_id))
    return _left(form, worker_id, 422)


def _left(form: HandOverForm, worker_id: UUID, status: int = 200) -> Response:
    worker, left = planning.worker(worker_id) or abort(404), handing_over.of(worker_id)
    begun = {visit.order_id for visit in left.visits if visit.order.state == STARTED}
    picked = form.picked if form.is_submitted() else {visit.order_id for visit in left.visits} - begun
    page = render_template("planning/work_left.html", form=form, worker=worker, left=left, picked=picked)
    return make_response(page, status)


def _order(order_id: UUID) -> Any:
    return work_orders.get(present_actor(), order_id) or abort(404)
