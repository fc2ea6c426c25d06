"""The press that makes an invoice of a work order, and everything that may follow from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, make_response, render_template, request, url_for

from blueprints._deeds import does, each_time, edits
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._forms import HouseForm
from blueprints._hypermedia import answer, go, in_place_of, wants_fragment
from blueprints._refusals import put_beside, refusals_at
from blueprints.work_orders import bon
from blueprints.work_orders._blueprint import blueprint, found
from blueprints.work_orders.comparison import both_sides
from blueprints.work_orders.forms import NextNumberForm, ReasonForm
from blueprints.work_orders.slip import may_let_go
from blueprints.work_orders.taken_away import gone_when_missing
from domain.message import Refusal
from domain.posting import POSTED, SENDING
from gateways.bookkeeping import BookkeepingError
from services.invoicing import (
    asking_ahead,
    conflicts,
    missing,
    moved,
    next_number_chosen,
    posting,
    press,
    recovery,
    renumbering,
)
from services.invoicing.press import Asked, Blocked, Pressed
from services.orders import dwelling, work_orders


@blueprint.post("/<uuid:order_id>/approve")
@door("work_order:approve")
@each_time("the claim on the share decides, and a press has no statement to spare")
def approve(order_id: UUID) -> Response:
    """Gecontroleerd: the order is approved and its invoice posted, in one press."""
    return pressed(order_id, lambda: press.approve(deps(), present_actor(), order_id, _seen_version(), yes=_yes()))


@blueprint.post("/<uuid:order_id>/send")
@door("work_order:approve")
@each_time("the same")
def send(order_id: UUID) -> Response:
    """Post the invoice of an approved order, for the first time or again after a certain no."""
    return pressed(order_id, lambda: press.send(deps(), present_actor(), order_id, _seen_version(), yes=_yes()))


def _seen_version() -> int | None:
    """The version of the order that stood on the screen, so that nobody approves what somebody else just changed."""
    return request.form.get("version", type=int)


def _yes() -> list[str]:
    """What the person says yes to (domain/questions.py)."""
    return request.form.getlist("yes")


def pressed(order_id: UUID, deed: Callable[[], Pressed | None], form: NextNumberForm | None = None) -> Response:
    """Do what was pressed; what came of it, in place or on the page."""
    try:
        deed()
    except LookupError:
        abort(404)
    except Blocked as blocked:
        return _outcome(order_id, 422, blockers=blocked.blockers)
    except Asked as asked:
        return _outcome(order_id, 422, asks=asked.questions)
    except Refusal as refusal:
        if form is not None and refusal.field in form:
            put_beside(form, refusal)
            return _outcome(order_id, 422, fresh=False, typed=form)
        return _outcome(order_id, 422, refusal=refusal.message)
    return after(order_id)


def after(order_id: UUID, **said: Any) -> Response:
    """The outcome in place for htmx; the page that shows it for everybody else."""
    if wants_fragment():
        return _outcome(order_id, **said)
    return go(url_for(".show", order_id=order_id, _anchor="invoice"))


def _outcome(order_id: UUID, status: int = 200, fresh: bool = True, **said: Any) -> Response:
    shown = bon.page(order_id, brief=wants_fragment(), fresh=fresh, **said)
    return answer("work_orders/show.html", "work_orders/_outcome.html", status, **shown)


@blueprint.get("/<uuid:order_id>/invoice")
@door("price:read")
def invoice(order_id: UUID) -> Response:
    """The strook as it is now."""
    return answer("work_orders/show.html", "work_orders/_outcome.html", **bon.page(order_id, brief=wants_fragment()))


@blueprint.post("/<uuid:order_id>/check")
@door("work_order:approve")
@does(at=".show")
def check(order_id: UUID) -> Response:
    """Controleer nu: look the invoice up, at once when a person asks. The page asks this by itself too, saying what it
    has `seen`; then it moves only when something changed."""
    seen = request.args.get("seen", "")
    live = _live(order_id)
    state = recovery.check(deps(), present_actor(), live.id, asked=not seen)
    if wants_fragment() and seen == state:
        if state == SENDING:
            return make_response("", 204)
        return make_response(render_template("work_orders/_still.html", **bon.page(order_id, brief=True)))
    return after(order_id)


@blueprint.post("/<uuid:order_id>/customer")
@door("work_order:approve")
@does(at=".show")
def ask_customer(order_id: UUID) -> Response:
    """Whom the customer's code leads to over there. The page asks this by itself, and with `again` a person does; the
    whole strook is another when that holds the invoice back, or changes what it shows."""
    order, again = found(order_id), "again" in request.args
    if asking_ahead.may_follow(order, order.live_posting.state if order.live_posting else None):
        asking_ahead.ask(deps(), present_actor(), order_id, again)
    if not wants_fragment():
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    shown = bon.page(order_id, brief=True)
    if shown["strook"].stays(request.args.get("seen", "")):
        return make_response(render_template("work_orders/_customer_there.html", **shown))
    # not over what a press answered meanwhile
    return in_place_of(_outcome(order_id, fresh=again), "#invoice:has(#customer-there)")


@blueprint.post("/<uuid:order_id>/read-back")
@door("work_order:approve")
@does(at=".show")
def read_back(order_id: UUID) -> Response:
    """Ask the bookkeeping for its own totals of a posted invoice; one that turns out to be gone has another strook."""
    state = missing.read_back(deps(), present_actor(), _live(order_id).id)
    if not wants_fragment():
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    if state != POSTED:
        return in_place_of(_outcome(order_id), "#invoice")
    return make_response(render_template("work_orders/_totals.html", **bon.page(order_id, brief=True, asked=True)))


@blueprint.post("/<uuid:order_id>/compare")
@door("work_order:approve")
@does(at=".show")
def compare(order_id: UUID) -> Response:
    """Both sides of a conflict: what we sent, and what stands there under our number."""
    live = _live(order_id)
    ours, both = posting.thawed(deps(), live), None
    try:
        both = both_sides(ours, posting.theirs(deps(), present_actor(), live.id))
    except BookkeepingError as error:
        current_app.logger.warning("looking an invoice up failed: %s %s", error.code, error.why)
    shown = bon.page(order_id, brief=wants_fragment(), both=both, asked=both is None)
    return answer("work_orders/show.html", "work_orders/_both.html", 502 if both is None else 200, **shown)


def _live(order_id: UUID) -> Any:
    live = found(order_id).live_posting
    return live if live is not None else abort(404)


@blueprint.post("/<uuid:order_id>/accept")
@door("work_order:approve")
@does(at=".show")
def accept(order_id: UUID) -> Response:
    """A person recognises the invoice over there as this one."""
    return pressed(order_id, lambda: conflicts.accept(present_actor(), order_id))


@blueprint.post("/<uuid:order_id>/next-number")
@door("work_order:approve")
@does(at=".show")
def next_number(order_id: UUID) -> Response:
    """A person says that the invoice over there is another one: ours goes out under the next number."""
    return pressed(order_id, lambda: conflicts.take_next_number(deps(), present_actor(), order_id))


@blueprint.post("/<uuid:order_id>/number-from")
@door("work_order:approve")
@does(at=".show")
def number_from(order_id: UUID) -> Response:
    """A person chooses where the numbers go on, and the invoice goes out under that one."""
    form = NextNumberForm()
    serial = form.next_number.data
    if not form.validate() or serial is None:
        return _outcome(order_id, 422, fresh=False, typed=form)
    return pressed(order_id, lambda: next_number_chosen.send_from(deps(), present_actor(), order_id, serial), form)


@blueprint.post("/<uuid:order_id>/send-gone")
@door("work_order:approve")
@each_time("the same")
def send_gone(order_id: UUID) -> Response:
    """A person says that an invoice that vanished over there goes out once more, under its own number."""
    return pressed(order_id, lambda: missing.send_again(deps(), present_actor(), order_id))


@blueprint.get("/<uuid:order_id>/give-up")
@door("work_order:approve")
def give_up_form(order_id: UUID) -> Response:
    """Asks why a posting is let go, and says what happens with its number."""
    order = found(order_id)
    live = order.live_posting
    if live is None or not may_let_go(live):
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return reason_page("work_orders/give_up.html", order, ReasonForm(), live)


@blueprint.post("/<uuid:order_id>/give-up")
@door("work_order:approve")
@does(at=".show")
def give_up(order_id: UUID) -> Response:
    """Let a posting go."""
    return with_reason(
        "work_orders/give_up.html",
        order_id,
        lambda form: missing.let_go(deps(), present_actor(), order_id, form.reason.data),
    )


@blueprint.get("/<uuid:order_id>/not-billable")
@door("work_order:approve")
def not_billable_form(order_id: UUID) -> Response:
    """Asks why an order is not invoiced."""
    order = found(order_id)
    form = ReasonForm().on({"reason": order.not_billable_reason})
    return reason_page("work_orders/not_billable.html", order, form, None)


@blueprint.post("/<uuid:order_id>/not-billable")
@door("work_order:approve")
@edits("work_order", at=".show")
def not_billable(order_id: UUID) -> Response:
    """Mark an order as not to be invoiced."""
    return with_reason(
        "work_orders/not_billable.html",
        order_id,
        lambda form: work_orders.set_billable(present_actor(), order_id, form.reason.data, form.opened),
    )


@blueprint.post("/<uuid:order_id>/dwelling-withdrawn")
@door("work_order:approve")
@does(at=".show")
def withdraw_dwelling(order_id: UUID) -> Response:
    """It was not a dwelling older than two years after all, or nobody declared that."""
    return pressed(order_id, lambda: dwelling.withdraw(present_actor(), order_id))


@blueprint.post("/<uuid:order_id>/billable")
@door("work_order:approve")
@does(at=".show")
def billable(order_id: UUID) -> Response:
    """Toch factureren."""
    return pressed(order_id, lambda: work_orders.set_billable(present_actor(), order_id, None))


@blueprint.get("/<uuid:order_id>/code-moved")
@door("bookkeeping:connect")
def code_moved(order_id: UUID) -> Response:
    """Asks what the owner found, where the code that an invoice went out under is somebody else's by now."""
    order = found(order_id)
    live = order.live_posting
    if live is None or live.code_moved_at is None:
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return reason_page("work_orders/code_moved.html", order, ReasonForm(), live)


@blueprint.post("/<uuid:order_id>/code-moved")
@door("bookkeeping:connect")
@does(at=".show")
def settle_code_moved(order_id: UUID) -> Response:
    """Write that down: it needs nobody any more."""
    return with_reason(
        "work_orders/code_moved.html", order_id, lambda form: moved.settle(present_actor(), order_id, form.reason.data)
    )


def with_reason(
    template: str,
    order_id: UUID,
    deed: Callable[[ReasonForm], None],
    which: Callable[[UUID], Any] = press.present_posting,
) -> Response:
    """Do what wants a reason, and go to the order; what is wrong stands on the page again. `which`: the posting that it
    is about."""
    form, order = ReasonForm(), found(order_id)
    if form.validate():
        with refusals_at(form), gone_when_missing(order_id):
            deed(form)
            return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return reason_page(template, order, form, which(order_id), 422)


def reason_page(template: str, order: Any, form: HouseForm, live: Any, status: int = 200, **more: Any) -> Response:
    """A page about a posting of an order, with what is to be filled in; `more` for its template."""
    left = renumbering.shown_after_giving_up
    together = press.billed_together(deps(), live)
    page = render_template(template, form=form, order=order, posting=live, left_number=left, together=together, **more)
    return make_response(page, status)
