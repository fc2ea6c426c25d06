"""The start page: what needs attention, today's planning, first steps; a mechanic gets their own day."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _

from blueprints._dependencies import deps
from blueprints._doors import door, present_actor, tenant_blueprint
from blueprints._hypermedia import answer
from domain.permissions import WORKER
from services.orders import attention, start

blueprint = tenant_blueprint("start", __name__, "")


@blueprint.get("/")
@door("start:read")
def show() -> Response:
    """The first page inside a company."""
    actor = present_actor()
    if actor.role == WORKER:
        return answer(
            "start/my_day.html", "start/_my_day.html", day=start.my_day(actor), known=actor.worker_id is not None
        )
    on = start.the_day()
    steps = start.first_steps()
    items = attention.told_items(actor)
    return answer(
        "start/show.html",
        "start/_start.html",
        greeting=_greeting(start.local_hour()),
        on=on,
        items=[(item, deps().bookkeeping.explain(item.code) if item.code else None) for item in items],
        to_check=attention.to_check(),
        visits=start.todays_visits(on),
        steps=steps,
        steps_done=sum(step.done for step in steps),
        link=start.link_panel(),
    )


def _greeting(hour: int) -> str:
    if hour < 6:
        return str(_("Goedenacht"))
    if hour < 12:
        return str(_("Goedemorgen"))
    return str(_("Goedemiddag") if hour < 18 else _("Goedenavond"))
