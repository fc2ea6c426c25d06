"""An invoice that is not right after all: crediting it, or noting what was corrected over there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, make_response, render_template, request, url_for

from blueprints._deeds import does, each_time
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._hypermedia import go, wants_fragment
from blueprints._refusals import refusals_at
from blueprints.work_orders._blueprint import blueprint, found
from blueprints.work_orders.forms import CorrectionForm, CreditForm, ReasonForm
from blueprints.work_orders.invoice import after, pressed, reason_page, with_reason
from blueprints.work_orders.slip import may_let_go
from blueprints.work_orders.taken_away import gone_when_missing
from domain import posting as states
from services.invoicing import crediting, press, recovery
from services.orders import taken_back

_GIVE_UP = "work_orders/give_up_credit.html"


@blueprint.get("/<uuid:order_id>/reopen-posted")
@door("work_order:approve")
def reopen_posted(order_id: UUID) -> Response:
    """What can be done about an invoice that is in the bookkeeping already: credit it, or correct it there and note
    that. It is never sent again."""
    order = found(order_id)
    live = order.live_posting
    if live is None or live.state != states.POSTED:
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return _page(order)


@blueprint.post("/<uuid:order_id>/reopen-posted")
@door("work_order:approve")
@does(at=".show")
def note_correction(order_id: UUID) -> Response:
    """Note what was corrected over there."""
    form = CorrectionForm()
    found(order_id)
    if form.validate():
        with refusals_at(form), gone_when_missing(order_id):
            press.note_correction(present_actor(), order_id, form.note.data)
            return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return _page(found(order_id), 422, form=form)


@blueprint.post("/<uuid:order_id>/credit")
@door("work_order:approve")
@does(at=".show")
def credit(order_id: UUID) -> Response:
    """Credit the invoice, and once that is posted open the order again or bill it no more, as was asked."""
    form = CreditForm()
    found(order_id)
    if form.validate():
        with refusals_at(form), gone_when_missing(order_id):
            taken_back.take_back(deps(), present_actor(), order_id, form.reason.data, form.following.data)
            return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return _page(found(order_id), 422, credit_form=form)


@blueprint.post("/<uuid:order_id>/credit/send")
@door("work_order:approve")
@each_time("the same")
def send_credit(order_id: UUID) -> Response:
    """Send the credit again, after a certain no or when it is gone."""
    return pressed(order_id, lambda: crediting.send_again(deps(), present_actor(), order_id))


@blueprint.post("/<uuid:order_id>/credit/check")
@door("work_order:approve")
@does(at=".show")
def check_credit(order_id: UUID) -> Response:
    """Look the credit up, at once when a person asks; the page asks by itself too, saying what it has `seen`."""
    seen = request.args.get("seen", "")
    state = recovery.check(deps(), present_actor(), _credit(order_id).id, asked=not seen)
    return make_response("", 204) if wants_fragment() and seen == state else after(order_id)


@blueprint.get("/<uuid:order_id>/credit/give-up")
@door("work_order:approve")
def give_up_credit_form(order_id: UUID) -> Response:
    """Asks why a credit is let go, and says what happens with its number."""
    order = found(order_id)
    if order.credit is None or not may_let_go(order.credit):
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    return reason_page(_GIVE_UP, order, ReasonForm(), order.credit)


@blueprint.post("/<uuid:order_id>/credit/give-up")
@door("work_order:approve")
@does(at=".show")
def give_up_credit(order_id: UUID) -> Response:
    """Let a credit go."""
    return with_reason(
        _GIVE_UP,
        order_id,
        lambda form: crediting.give_up(deps(), present_actor(), order_id, form.reason.data),
        crediting.present_credit,
    )


def _credit(order_id: UUID) -> Any:
    present = found(order_id).credit
    return present if present is not None else abort(404)


def _page(
    order: Any, status: int = 200, form: CorrectionForm | None = None, credit_form: CreditForm | None = None
) -> Response:
    shown = {"form": form or CorrectionForm(), "credit_form": credit_form or CreditForm()}
    together = press.billed_together(deps(), order.live_posting)
    page = render_template(
        "work_orders/reopen_posted.html", order=order, posting=order.live_posting, together=together, **shown
    )
    return make_response(page, status)
