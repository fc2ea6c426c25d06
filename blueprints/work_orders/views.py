"""Work orders: the list, the bon, its form, its steps, and the press that makes an invoice of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, abort, make_response, render_template, request, url_for

from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer, go, wants_fragment
from blueprints._parts import parts
from blueprints._refusals import put
from blueprints.work_orders import _list, _show
from blueprints.work_orders.forms import BLANK_ROWS, OrderForm, ReasonForm, ReportForm, location_choices, row_id
from domain.message import Refusal, msg
from domain.permissions import WORKER
from domain.posting import LOCKS_ORDER
from domain.work_order import EDITABLE
from gateways.bookkeeping import BookkeepingError
from services import articles, invoicing, posting, recovery, work_orders
from services.invoicing import Blocked, Pressed

blueprint = tenant_blueprint("work_orders", __name__, "/work-orders")


@blueprint.get("/")
@door("work_order:read")
def list_() -> Response:
    """A page of the list; htmx gets the region that changes with the filter."""
    return answer("work_orders/list.html", "work_orders/_list.html", **_list.page(request.args))


@blueprint.get("/<uuid:order_id>")
@door("work_order:read")
def show(order_id: UUID) -> Response:
    """The bon."""
    return _page(order_id)


def _page(order_id: UUID, status: int = 200, **said: Any) -> Response:
    template = "work_orders/mechanic.html" if present_actor().role == WORKER else "work_orders/show.html"
    return make_response(render_template(template, **_show.page(order_id, **said)), status)


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
def create() -> Response:
    """Make a work order."""
    form = OrderForm()
    if _only_asks():
        return _form(form, None)
    given = form.given()
    if given is not None:
        try:
            return go(url_for(".show", order_id=work_orders.create(present_actor(), given)))
        except Refusal as refusal:
            put(form, refusal)
    return _form(form, None, 422)


@blueprint.get("/<uuid:order_id>/edit")
@door("work_order:write")
def edit(order_id: UUID) -> Response:
    """The form of an order; one that is locked shows why on the bon instead."""
    order = _found(order_id)
    live = invoicing.present_posting(order_id)
    if order.state not in EDITABLE or (live is not None and live.state in LOCKS_ORDER):
        return go(url_for(".show", order_id=order_id))
    return _form(OrderForm(obj=order), order)


@blueprint.post("/<uuid:order_id>/edit")
@door("work_order:write")
def update(order_id: UUID) -> Response:
    """Change an order, unless somebody else did so meanwhile."""
    form, order = OrderForm(), _found(order_id)
    if _only_asks():
        return _form(form, order)
    given = form.given()
    if given is not None:
        try:
            work_orders.edit(present_actor(), order_id, form.opened_version, given)
            return go(url_for(".show", order_id=order_id))
        except Refusal as refusal:
            put(form, refusal)
    return _form(form, _found(order_id), 422)


def _only_asks() -> bool:
    """Whether a button asked for work sites or more rows, which works without JavaScript; nothing is kept then."""
    return "ask" in request.form


def _found(order_id: UUID) -> Any:
    order = work_orders.get(present_actor(), order_id)
    return order if order is not None else abort(404)


def _form(form: OrderForm, order: Any, status: int = 200) -> Response:
    form.offer(BLANK_ROWS + 2 if request.form.get("ask") == "rows" else BLANK_ROWS)
    page = render_template("work_orders/form.html", form=form, order=order, articles=articles.choices())
    return make_response(page, status)


@blueprint.get("/locations")
@door("work_order:write")
def locations() -> Response:
    """The field with the work sites of a customer, for when another customer is picked."""
    form = OrderForm()
    form.location_id.choices = location_choices(row_id(request.args.get("relation_id", "")))
    return answer("work_orders/locations.html", "work_orders/_locations.html", form=form)


# --- steps ---------------------------------------------------------------------------------------------------------


@blueprint.post("/<uuid:order_id>/move/<verb>")
@door("work_order:perform")
def move(order_id: UUID, verb: str) -> Response:
    """One step of the transition table; approving is another route, for it posts an invoice."""
    if verb == "approve":
        abort(404)
    try:
        work_orders.move(present_actor(), order_id, verb)
    except LookupError:
        abort(404)
    except Refusal as refusal:
        return _page(order_id, 422, note=refusal.message)
    return go(url_for(".show", order_id=order_id))


@blueprint.get("/<uuid:order_id>/report")
@door("work_order:perform")
def report_form(order_id: UUID) -> Response:
    """A mechanic's form: work done, hours, material."""
    order = _found(order_id)
    return _report(ReportForm(obj=None, work_done=order.work_done), order)


@blueprint.post("/<uuid:order_id>/report")
@door("work_order:perform")
def report(order_id: UUID) -> Response:
    """Keep the report, and finish the work when that button was pressed."""
    form, order = ReportForm(), _found(order_id)
    if _only_asks():
        return _report(form, order)
    lines = form.given()
    if lines is not None:
        try:
            work_orders.report(present_actor(), order_id, form.work_done.data or "", lines)
            if "finish" in request.form and order.state in _show.FINISHABLE:
                work_orders.move(present_actor(), order_id, "finish")
            return go(url_for(".show", order_id=order_id))
        except Refusal as refusal:
            put(form, refusal)
    return _report(form, _found(order_id), 422)


def _report(form: ReportForm, order: Any, status: int = 200) -> Response:
    form.offer(BLANK_ROWS + 2 if "ask" in request.form else BLANK_ROWS)
    page = render_template("work_orders/report.html", form=form, order=order, articles=articles.choices())
    return make_response(page, status)


# --- the invoice ---------------------------------------------------------------------------------------------------


@blueprint.post("/<uuid:order_id>/approve")
@door("work_order:approve")
def approve(order_id: UUID) -> Response:
    """Gecontroleerd: the order is approved and its invoice posted, in one press."""
    return _press(order_id, lambda: invoicing.approve(parts(), present_actor(), order_id))


@blueprint.post("/<uuid:order_id>/send")
@door("work_order:approve")
def send(order_id: UUID) -> Response:
    """Post the invoice of an approved order, for the first time or again after a certain no."""
    return _press(order_id, lambda: invoicing.send(parts(), present_actor(), order_id))


def _press(order_id: UUID, deed: Callable[[], Pressed | None]) -> Response:
    try:
        deed()
    except LookupError:
        abort(404)
    except Blocked as blocked:
        return _outcome(order_id, 422, blockers=blocked.blockers)
    except Refusal as refusal:
        return _outcome(order_id, 422, refusal=refusal.message)
    return _after(order_id)


def _after(order_id: UUID, **said: Any) -> Response:
    """The outcome in place for htmx; the page that shows it for everybody else."""
    return _outcome(order_id, **said) if wants_fragment() else go(url_for(".show", order_id=order_id, _anchor="factuur"))


def _outcome(order_id: UUID, status: int = 200, **said: Any) -> Response:
    shown = _show.page(order_id, fresh=True, **said)
    return answer("work_orders/show.html", "work_orders/_outcome.html", status, **shown)


@blueprint.get("/<uuid:order_id>/invoice")
@door("price:read")
def invoice(order_id: UUID) -> Response:
    """The strook as it is now."""
    return answer("work_orders/show.html", "work_orders/_outcome.html", **_show.page(order_id))


@blueprint.post("/<uuid:order_id>/check")
@door("work_order:approve")
def check(order_id: UUID) -> Response:
    """Controleer nu: look the invoice up. The page asks this by itself too; then nothing moves until something changed."""
    seen = request.args.get("seen", "")
    live = _live(order_id)
    state = recovery.check(parts(), present_actor(), live.id)
    if wants_fragment() and seen == state:
        return make_response(render_template("work_orders/_still.html", **_show.page(order_id)))
    return _after(order_id)


@blueprint.post("/<uuid:order_id>/read-back")
@door("work_order:approve")
def read_back(order_id: UUID) -> Response:
    """Ask the bookkeeping for its own totals of a posted invoice."""
    posting.read_back(parts(), _live(order_id).id)
    if not wants_fragment():
        return go(url_for(".show", order_id=order_id, _anchor="factuur"))
    return make_response(render_template("work_orders/_outcome.html", **_show.page(order_id, asked=True)))


@blueprint.post("/<uuid:order_id>/compare")
@door("work_order:approve")
def compare(order_id: UUID) -> Response:
    """Both sides of a conflict: what we sent, and what stands there under our number."""
    live = _live(order_id)
    ours = posting.thawed(live)
    try:
        both = _show.both_sides(ours, posting.theirs(parts(), live.id))
    except BookkeepingError as error:
        return _outcome(order_id, 502, refusal=msg("De factuur kon niet worden opgehaald: %(why)s.", why=error.why))
    return _outcome(order_id, both=both)


def _live(order_id: UUID) -> Any:
    _found(order_id)
    live = invoicing.present_posting(order_id)
    return live if live is not None else abort(404)


@blueprint.post("/<uuid:order_id>/accept")
@door("work_order:approve")
def accept(order_id: UUID) -> Response:
    """A person recognises the invoice over there as this one."""
    return _press(order_id, lambda: invoicing.accept_conflict(present_actor(), order_id))


@blueprint.get("/<uuid:order_id>/give-up")
@door("work_order:approve")
def give_up_form(order_id: UUID) -> Response:
    """Asks why a posting is let go, and says what happens with its number."""
    live = _live(order_id)
    return _reason("give_up", _found(order_id), ReasonForm(), live)


@blueprint.post("/<uuid:order_id>/give-up")
@door("work_order:approve")
def give_up(order_id: UUID) -> Response:
    """Let a posting go."""
    return _with_reason("give_up", order_id, lambda why: invoicing.give_up(present_actor(), order_id, why))


@blueprint.get("/<uuid:order_id>/not-billable")
@door("work_order:approve")
def not_billable_form(order_id: UUID) -> Response:
    """Asks why an order is not invoiced."""
    return _reason("not_billable", _found(order_id), ReasonForm(), None)


@blueprint.post("/<uuid:order_id>/not-billable")
@door("work_order:approve")
def not_billable(order_id: UUID) -> Response:
    """Mark an order as not to be invoiced."""
    return _with_reason("not_billable", order_id, lambda why: work_orders.set_billable(present_actor(), order_id, why))


@blueprint.post("/<uuid:order_id>/billable")
@door("work_order:approve")
def billable(order_id: UUID) -> Response:
    """Toch factureren."""
    return _press(order_id, lambda: work_orders.set_billable(present_actor(), order_id, None))


def _with_reason(what: str, order_id: UUID, deed: Callable[[str], None]) -> Response:
    form, order = ReasonForm(), _found(order_id)
    if form.validate():
        try:
            deed(form.reason.data)
            return go(url_for(".show", order_id=order_id, _anchor="factuur"))
        except LookupError:
            abort(404)
        except Refusal as refusal:
            put(form, refusal)
    return _reason(what, order, form, invoicing.present_posting(order_id), 422)


def _reason(what: str, order: Any, form: ReasonForm, live: Any, status: int = 200) -> Response:
    page = render_template(f"work_orders/{what}.html", form=form, order=order, posting=live)
    return make_response(page, status)
