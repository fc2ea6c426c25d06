"""Work orders: the list, the bon, its form, its steps. What happens to its invoice is in the room beside this one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, abort, make_response, render_template, request, url_for

from blueprints._choices import row_id
from blueprints._deeds import does, edits, makes
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._forms import is_lost
from blueprints._hypermedia import answer, go, known_as, wants_fragment
from blueprints._refusals import refusals_at
from blueprints._words import say
from blueprints.work_orders import _list, bon
from blueprints.work_orders._blueprint import blueprint, found
from blueprints.work_orders.forms import FinishedForm, OrderForm, ReportForm, editor
from blueprints.work_orders.taken_away import gone, gone_when_missing, had
from domain.message import Refusal
from domain.permissions import WORKER
from domain.posting import LOCKS_ORDER
from domain.questions import WhenDone
from domain.work_order import EDITABLE
from services.catalogue import relations, remote_relations
from services.company import details as companies
from services.link import connection
from services.orders import executed, work_orders


@blueprint.get("/")
@door("work_order:read")
def list_() -> Response:
    """A page of the list; htmx gets the region that changes with the filter."""
    page = _list.page(request.args)
    # without the texts that stand in the filter's fields: their ids say it better
    return known_as(answer("work_orders/list.html", "work_orders/_list.html", **page), page["here"])


@blueprint.get("/<uuid:order_id>")
@door("work_order:read")
def show(order_id: UUID) -> Response:
    """The bon."""
    return _page(order_id)


def _page(order_id: UUID, status: int = 200, **said: Any) -> Response:
    template = "work_orders/mechanic.html" if present_actor().role == WORKER else "work_orders/show.html"
    return make_response(render_template(template, **bon.page(order_id, **said)), status)


# --- making and changing -------------------------------------------------------------------------------------------


@blueprint.get("/new")
@door("work_order:write")
def new() -> Response:
    """An empty form; the address may name the customer."""
    form = OrderForm()
    form.relation_id.data = row_id(request.args.get("relation", ""))
    return _form(form, None)


@blueprint.post("/")
@door("work_order:write")
@makes("work_order", at=".show")
def create() -> Response:
    """Make a work order."""
    form = OrderForm()
    if _only_asks():
        return _asked(form, None)
    typed = form.typed()
    if typed is not None:
        with refusals_at(form):
            return go(url_for(".show", order_id=work_orders.create(present_actor(), typed)))
    return _form(form, None, 422)


@blueprint.get("/<uuid:order_id>/edit")
@door("work_order:write")
def edit(order_id: UUID) -> Response:
    """The form of an order; one that is locked shows why on the bon instead."""
    order = found(order_id)
    live = order.live_posting
    if order.state not in EDITABLE or (live is not None and live.state in LOCKS_ORDER):
        return go(url_for(".show", order_id=order_id))
    return _form(OrderForm(obj=order).on(work_orders.stands(order)), order)


@blueprint.post("/<uuid:order_id>/edit")
@door("work_order:write")
@edits("work_order", at=".show")
def update(order_id: UUID) -> Response:
    """Change an order."""
    form, order = OrderForm(), found(order_id)
    if _only_asks():
        return _asked(form, order)
    typed = form.typed()
    if typed is not None:
        with refusals_at(form):
            work_orders.edit(present_actor(), order_id, typed, form.opened)
            return go(url_for(".show", order_id=order_id))
    return _form(form, found(order_id), 422)


def _only_asks() -> bool:
    """Whether a button asked for a list, more rows or a customer, which works without JavaScript; nothing is kept
    then. A code that was typed and not fetched yet asks for its customer, too: it must not be passed over."""
    return not is_lost() and ("ask" in request.form or bool(_code()))


def _code() -> str:
    return request.form.get("fetch_code", "").strip()[:100]


def _asked(form: OrderForm, order: Any) -> Response:
    if not _code() and request.form.get("ask") != "customer":
        return _form(form, order)
    if not present_actor().may("bookkeeping:sync"):
        abort(403)
    try:
        relation_id = remote_relations.fetch(deps(), present_actor(), _code())
    except Refusal as refusal:
        form.fetch_code.errors = [say(refusal.message)]
        return _form(form, found(order.id) if order else None, 422)
    form.fetch_code.data = ""
    form.relation_id.choose(relation_id)
    form.location_id.choose(None)
    customer = relations.get(relation_id)
    return _form(form, found(order.id) if order else None, fetched=customer.name if customer else "")


def _form(form: OrderForm, order: Any, status: int = 200, fetched: str = "") -> Response:
    form.offer(request.form.get("ask", ""))
    can_fetch = present_actor().may("bookkeeping:sync") and connection.is_active()
    context = {"form": form, "order": order, "fetched": fetched, "can_fetch": can_fetch}
    own = _own(form, order)
    form.offer_regimes(own.vat_regime, (order.company if order is not None else companies.present()).small)
    context["asks_number"], context["agreed"] = own.asks_order_number, own.wage_percent or own.g_percent
    if wants_fragment():  # only the customer's corner of the form is ever asked for alone
        return make_response(render_template("work_orders/_customer.html", **context), status)
    return make_response(render_template("work_orders/form.html", editor=editor(prices=True), **context), status)


def _own(form: OrderForm, order: Any) -> relations.Own:
    """What is kept of the customer that stands chosen, but for the notes."""
    chosen = form.relation_id.data
    if order is not None and order.relation is not None and order.relation_id == chosen:
        return relations.own(order.relation)
    return relations.own_of(chosen)


@blueprint.get("/locations")
@door("work_order:write")
def locations() -> Response:
    """The field with the work sites of a customer, for when another customer is picked, whether that one asks for its
    own order number, and which VAT it usually has."""
    form = OrderForm()
    form.relation_id.data = row_id(request.args.get("relation_id", ""))
    form.executed_on.process(request.args)  # by it the company is a small business, or not
    own = _own(form, None)
    form.offer_regimes(own.vat_regime, companies.present().small)
    picked = "work_orders/_locations_picked.html"
    return answer("work_orders/locations.html", picked, form=form, asks_number=own.asks_order_number)


# --- steps ---------------------------------------------------------------------------------------------------------


@blueprint.post("/<uuid:order_id>/move/<verb>")
@door("work_order:perform")
@does(at=".show")
def move(order_id: UUID, verb: str) -> Response:
    """One step of the transition table; approving is another route, for it posts an invoice."""
    if verb == "approve":
        abort(404)
    try:
        work_orders.move(present_actor(), order_id, verb)
    except LookupError:
        gone(order_id)
    except WhenDone:
        return go(url_for(".finished_form", order_id=order_id))
    except Refusal as refusal:
        return _page(order_id, 422, note=refusal.message)
    return go(url_for(".show", order_id=order_id))


@blueprint.get("/<uuid:order_id>/finished")
@door("work_order:perform")
def finished_form(order_id: UUID) -> Response:
    """Asks on which day the work was done."""
    order = found(order_id)
    if order.state not in bon.FINISHABLE:
        return go(url_for(".show", order_id=order_id))
    return _finished(FinishedForm(), order)


@blueprint.post("/<uuid:order_id>/finished")
@door("work_order:perform")
@does(at=".show")
def finished(order_id: UUID) -> Response:
    """The work is done, on the day that was filled in."""
    form, order = FinishedForm(), had(order_id)
    if form.validate():
        with refusals_at(form), gone_when_missing(order_id):
            work_orders.move(present_actor(), order_id, "finish", form.executed_on.data, form.said_yes)
            return go(url_for(".show", order_id=order_id))
    return _finished(form, order, 422)


def _finished(form: FinishedForm, order: Any, status: int = 200) -> Response:
    page = render_template("work_orders/finished.html", form=form, order=order, planned=_asks_day(form, order))
    return make_response(page, status)


def _asks_day(form: FinishedForm | ReportForm, order: Any) -> date | None:
    """The earlier day that the order was planned for, which the form proposes; None when there is nothing to ask."""
    planned = executed.to_ask(order)
    if not form.executed_on.raw_data:
        form.executed_on.data = planned
    return planned


@blueprint.get("/<uuid:order_id>/report")
@door("work_order:perform")
def report_form(order_id: UUID) -> Response:
    """A mechanic's form: work done, hours, material."""
    order = found(order_id)
    return _report(ReportForm(work_done=order.work_done).on({"work_done": order.work_done}), order)


@blueprint.post("/<uuid:order_id>/report")
@door("work_order:perform")
@edits("work_order", at=".show")
def report(order_id: UUID) -> Response:
    """Keep the report, and finish the work when that button was pressed."""
    form, order = ReportForm(), had(order_id)
    if _only_asks():
        return _report(form, order)
    lines = form.typed()
    if lines is not None:
        with refusals_at(form), gone_when_missing(order_id):
            done, finish = form.work_done.data or "", "finish" in request.form
            day, yes = form.executed_on.data, form.said_yes
            work_orders.report(present_actor(), order_id, done, lines, finish, form.opened, day, yes)
            return go(url_for(".show", order_id=order_id))
    return _report(form, had(order_id), 422)


def _report(form: ReportForm, order: Any, status: int = 200) -> Response:
    form.offer_lines(request.form.get("ask", ""), 1)
    page = render_template(
        "work_orders/report.html",
        form=form,
        order=order,
        editor=editor(prices=False),
        finishable=order.state in bon.FINISHABLE,
        planned=_asks_day(form, order),
    )
    return make_response(page, status)
