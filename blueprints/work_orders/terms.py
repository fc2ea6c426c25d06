"""An order in terms: what was agreed, and a page for each term before the last, with its press and what came of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Response, abort, make_response, render_template, request, url_for

from blueprints._deeds import does
from blueprints._dependencies import deps
from blueprints._doors import door, present_actor
from blueprints._hypermedia import answer, go, wants_fragment
from blueprints._refusals import refusals_at
from blueprints.work_orders import slip
from blueprints.work_orders._blueprint import blueprint, found
from blueprints.work_orders.forms import ReasonForm
from blueprints.work_orders.invoice import reason_page
from blueprints.work_orders.terms_form import TermsForm
from domain import posting as states
from domain.message import Message, Refusal
from services.invoicing import crediting, in_terms, preflight, recovery
from services.invoicing.claims import Changed
from services.invoicing.press import Asked, Blocked
from services.orders import agreement

_AT = "/<uuid:order_id>/terms/<int(min=1):n>"
_OF = f"{_AT}/<any(invoice, credit):what>"


@blueprint.get("/<uuid:order_id>/terms")
@door("work_order:approve")
def terms(order_id: UUID) -> Response:
    """The form of what was agreed."""
    order = found(order_id)
    plan = agreement.plan_of(order_id)
    return _form(TermsForm.showing(plan).on(agreement.stands(plan)), order)


@blueprint.post("/<uuid:order_id>/terms")
@door("work_order:approve")
@does(at=".show")
def agree(order_id: UUID) -> Response:
    """Write down what was agreed; an empty form: no terms."""
    form, order = TermsForm(), found(order_id)
    if form.validate() and "ask" not in request.form:
        try:
            agreement.agree(present_actor(), order_id, form.plan(), form.opened)
            return go(url_for(".show", order_id=order_id, _anchor="terms"))
        except Changed as changed:
            form.complain(changed)
            form.on(agreement.stands(agreement.plan_of(order_id)))  # the next press is made knowingly
        except Refusal as refusal:
            form.complain(refusal)
    return _form(form, found(order.id), 200 if "ask" in request.form else 422)


def _form(form: TermsForm, order: Any, status: int = 200) -> Response:
    form.offer()
    sent = agreement.sent(order.id)
    return make_response(render_template("work_orders/terms.html", form=form, order=order, sent=sent), status)


@blueprint.get(_AT)
@door("work_order:approve")
def term(order_id: UUID, n: int) -> Response:
    """A term before the last: what goes out, or what came of it."""
    return _shown(order_id, n)


@blueprint.post(f"{_OF}/send")
@door("work_order:approve")
@does(at=".term")
def send_term(order_id: UUID, n: int, what: str) -> Response:
    """Post a term, for the first time or again; or its credit again."""
    found(order_id)
    version, yes = request.form.get("version", type=int), request.form.getlist("yes")
    try:
        if what == "credit":
            in_terms.send_credit(deps(), present_actor(), order_id, n)
        else:
            in_terms.send(deps(), present_actor(), order_id, n, version, yes)
    except LookupError:
        abort(404)
    except Blocked as blocked:
        return _shown(order_id, n, 422, blockers=blocked.blockers)
    except Asked as asked:
        return _shown(order_id, n, 422, questions=asked.questions)
    except Refusal as refusal:
        return _shown(order_id, n, 422, refusal=refusal.message)
    return _after(order_id, n)


@blueprint.post(f"{_OF}/check")
@door("work_order:approve")
@does(at=".term")
def check_term(order_id: UUID, n: int, what: str) -> Response:
    """Look a term or its credit up, at once when a person asks; the page asks by itself too, saying what it has
    `seen`."""
    seen = request.args.get("seen", "")
    state = recovery.check(deps(), present_actor(), _posting(order_id, n, what).id, asked=not seen)
    return make_response("", 204) if wants_fragment() and seen == state else _after(order_id, n)


@blueprint.get(f"{_OF}/give-up")
@door("work_order:approve")
def give_up_term_form(order_id: UUID, n: int, what: str) -> Response:
    """Asks why a term or its credit is let go, and says what happens with its number."""
    order, live = found(order_id), _present(order_id, n, what)
    if live is None or not slip.may_let_go(live):
        return go(url_for(".term", order_id=order_id, n=n))
    return _give_up(ReasonForm(), order, n, what, live)


@blueprint.post(f"{_OF}/give-up")
@door("work_order:approve")
@does(at=".term")
def give_up_term(order_id: UUID, n: int, what: str) -> Response:
    """Let a term or its credit go."""
    form, order = ReasonForm(), found(order_id)
    live = _posting(order_id, n, what)
    let_go = crediting.give_up if what == "credit" else in_terms.give_up
    if form.validate():
        with refusals_at(form):
            let_go(deps(), present_actor(), order_id, form.reason.data, n)
            return go(url_for(".term", order_id=order_id, n=n))
    return _give_up(form, order, n, what, live, 422)


@blueprint.post(f"{_AT}/credit")
@door("work_order:approve")
@does(at=".term")
def credit_term(order_id: UUID, n: int) -> Response:
    """Credit a term that is posted."""
    form = ReasonForm()
    found(order_id)
    if form.validate():
        with refusals_at(form):
            crediting.credit_order(deps(), present_actor(), order_id, form.reason.data, n)
            return go(url_for(".term", order_id=order_id, n=n))
    return _shown(order_id, n, 422, form=form)


def _give_up(form: ReasonForm, order: Any, n: int, what: str, live: Any, status: int = 200) -> Response:
    template = "work_orders/give_up_credit.html" if what == "credit" else "work_orders/give_up_term.html"
    return reason_page(template, found(order.id), form, live, status, n=n)


def _posting(order_id: UUID, n: int, what: str) -> Any:
    row = _present(order_id, n, what) if found(order_id) else None
    return row if row is not None else abort(404)


def _present(order_id: UUID, n: int, what: str) -> Any:
    row = in_terms.present(order_id, n)
    return row.credited_by if row is not None and what == "credit" else row


def _after(order_id: UUID, n: int) -> Response:
    return _shown(order_id, n, fresh=True) if wants_fragment() else go(url_for(".term", order_id=order_id, n=n))


def _shown(
    order_id: UUID,
    n: int,
    status: int = 200,
    fresh: bool = False,
    refusal: Message | None = None,
    blockers: Any = (),
    questions: Any = (),
    form: ReasonForm | None = None,
) -> Response:
    order = found(order_id)
    told = agreement.shown(order)
    part = next((one for one in told.parts if one.n == n), None) if told is not None else None
    if told is None or part is None:  # somebody changed what was agreed; or it is the last, which the order itself is
        return go(url_for(".show", order_id=order_id, _anchor="invoice"))
    row = part.posting
    sends = row is None or row.state in states.MAY_SEND_AGAIN
    seen = preflight.preview(deps(), order, row, n) if sends else None
    strook = SimpleNamespace(
        posting=row, preview=seen, blockers=blockers or (seen.blockers if seen else ()), abandoned=None,
        questions=questions, refusal=refusal, fresh=fresh or status == 422,
    )  # fmt: skip
    back = row.credited_by if row is not None else None
    shown = {
        "order": order, "terms": told, "part": part, "strook": strook, "form": form or ReasonForm(),
        "slip": slip.of(row, strook.fresh, n) if row is not None else None,
        "credit": slip.of(back, strook.fresh, n) if back is not None else None,
    }  # fmt: skip
    return answer("work_orders/term.html", "work_orders/_term.html", status, **shown)
