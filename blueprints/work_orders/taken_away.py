"""A bon that was given to somebody else, or cancelled, while its mechanic was writing: what was typed comes back, with
where to bring it. Only to who had it before them, as their form itself says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from uuid import UUID

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from blueprints import _whose
from blueprints._doors import present_actor
from blueprints._hypermedia import over_the_page, wants_fragment
from blueprints.work_orders.forms import ReportForm
from domain.visible import bare
from domain.work_order import CANCELLED
from services.orders import taken_away, work_orders


def had(order_id: UUID) -> Any:
    """The order, as far as this person may see it; else as `gone`. One that was cancelled is gone to a mechanic too,
    also when they see it still; who may write orders mends it on the form."""
    order = work_orders.get(present_actor(), order_id)
    if order is None:
        gone(order_id)
    if order.state == CANCELLED and not present_actor().may("work_order:write"):
        _tell(order_id, order.number, order.title, still_there=True)
    return order


@contextmanager
def gone_when_missing(order_id: UUID) -> Iterator[None]:
    """It was taken away at this moment."""
    try:
        yield
    except LookupError:
        gone(order_id)


def gone(order_id: UUID) -> NoReturn:
    """Tell who sent a form of this bon that it is not theirs any more; 404 for who never had it."""
    shown = _whose.order_shown(order_id)
    if shown is None:
        abort(404)
    _tell(order_id, *shown)


def _tell(order_id: UUID, number: str, title: str, still_there: bool = False) -> NoReturn:
    template = "work_orders/_taken_away.html" if wants_fragment() else "work_orders/taken_away.html"
    told = {"number": number, "title": title, "still_there": still_there}
    told |= {"now": taken_away.now(order_id), "typed": _typed()}
    abort(over_the_page(Response(render_template(template, **told), 409)))


def _typed() -> str:
    """What was filled in, as one text to copy."""
    if "work_done" not in request.form:
        return ""
    form = ReportForm()
    hours = bare(request.form.get("hours", ""))
    day = bare(request.form.get("executed_on", ""))
    told = {_("Uren"): hours, _("Uitgevoerd op"): day}
    parts = [bare(form.work_done.data), *(f"{name}: {what}" for name, what in told.items() if what)]
    rows = (row.form for row in form.lines if not row.form.is_blank)
    said = (
        " ".join(
            filter(
                None, (row.quantity._value(), bare(row.unit.data), bare(row.article.data), bare(row.description.data))
            )
        )
        for row in rows
    )
    return "\n".join(filter(None, (*parts, *(f"- {line}" for line in said))))
