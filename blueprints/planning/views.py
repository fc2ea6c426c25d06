"""The planning board and the form that plans or moves an order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, request, url_for
from flask_babel import gettext as _

from blueprints._deeds import edits
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer, go
from blueprints._refusals import refusals_at
from blueprints.planning.forms import PlanForm
from domain import calendar
from services.orders import planning, work_orders
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


def _order(order_id: UUID) -> Any:
    return work_orders.get(present_actor(), order_id) or abort(404)
