"""Support's own pages: the companies without their content, stepping in with a reason, and stopping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from blueprints._doors import staff
from blueprints._hypermedia import answer, go
from blueprints._parts import parts
from blueprints._refusals import put
from blueprints.support.forms import StepInForm
from domain.message import Refusal
from services import support

blueprint = Blueprint("support", __name__, url_prefix="/support")


@blueprint.get("/")
@staff
def tenants() -> Response:
    """All companies, or those found; counts only, nothing of what is inside."""
    text = request.args.get("q", "")
    return answer(
        "support/tenants.html",
        "support/_tenants.html",
        rows=support.list_tenants(text),
        text=text,
        going_on=_visit_going_on(),
    )


def _visit_going_on() -> dict[str, Any] | None:
    """The visit this session is in the middle of, if any: where, why and how many minutes are left."""
    given = session.get("visit_id")
    found = support.present_visit(UUID(given)) if given else None
    if found is None:
        return None
    left = max(0, int((found.ends_at - datetime.now(UTC)).total_seconds() // 60))
    return {"slug": session.get("visit_slug", ""), "reason": found.reason, "minutes": left}


@blueprint.get("/<slug>/step-in")
@staff
def step_in_form(slug: str) -> Response:
    """Why do you step in? The customer reads the answer too."""
    return answer(
        "support/step_in.html", "support/_step_in.html", form=StepInForm(), row=_tenant(slug), minutes=_minutes()
    )


@blueprint.post("/<slug>/step-in")
@staff
def step_in(slug: str) -> Response:
    """Begin a visit and go to the company's start page."""
    form = StepInForm()
    if form.validate():
        try:
            visit_id = support.step_in(parts(), current_user.person, slug, form.reason.data)
        except LookupError:
            abort(404)
        except Refusal as refusal:
            put(form, refusal)
        else:
            session["visit_id"], session["visit_slug"] = str(visit_id), slug
            session.rotate = True  # type: ignore[attr-defined]
            return go(url_for("start.show", tenant_slug=slug))
    return answer(
        "support/step_in.html", "support/_step_in.html", 422, form=form, row=_tenant(slug), minutes=_minutes()
    )


@blueprint.post("/stop")
@staff
def stop() -> Response:
    """End the visit of this session; from any page, also when it ran out already."""
    visit_id = session.pop("visit_id", None)
    session.pop("visit_slug", None)
    if visit_id:
        support.stop(current_user.person, UUID(visit_id))
        flash(_("U bent gestopt met meekijken."), "ok")
    session.rotate = True  # type: ignore[attr-defined]
    return go(url_for("support.tenants"))


def _tenant(slug: str) -> support.TenantRow:
    row = next((row for row in support.list_tenants(slug) if row.slug == slug), None)
    return row if row is not None and not row.suspended else abort(404)


def _minutes() -> int:
    return int(parts().settings.times.support_visit.total_seconds() // 60)
