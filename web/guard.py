"""Asks every request at its door (blueprints/_doors.py): who may come in, and as whom."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, current_app, g, request, url_for
from flask_login import current_user

from blueprints._dependencies import deps
from blueprints._freshness import is_fresh
from blueprints._hypermedia import go
from services.company import tenants
from services.people import second_factor
from web import lost_forms, visits

# Where somebody may be who has to set up a second factor first.
WITHOUT_SECOND_FACTOR = {
    "account.second_factor",
    "account.begin_second_factor",
    "account.set_up_second_factor",
    "account.confirm_second_factor",
    "account.confirm",
    "account.confirm_now",
    "auth.logout",
}


def install(app: Flask) -> None:
    """Install the doors on an app."""

    @app.url_defaults
    def give_slug(endpoint: str, values: dict[str, Any]) -> None:
        slug = g.get("tenant_slug")
        if slug and "tenant_slug" not in values and app.url_map.is_endpoint_expecting(endpoint, "tenant_slug"):
            values["tenant_slug"] = slug

    @app.before_request
    def check() -> Response | None:
        if request.endpoint is None or request.endpoint.endswith("static"):
            return None
        view = current_app.view_functions[request.endpoint]
        kind, permission = getattr(view, "door", ("none", ""))
        if kind == "anyone":
            return None
        if kind == "none":
            current_app.logger.error("route %s has no door", request.endpoint)
            abort(500)
        if not current_user.is_authenticated:
            return lost_forms.to_login()
        if kind == "staff" and not current_user.person.is_support:
            abort(404)
        if request.endpoint not in WITHOUT_SECOND_FACTOR and second_factor.must_have(deps(), current_user.person):
            return go(url_for("account.second_factor"))
        stopped = _enter(permission) if kind == "tenant" else None
        if stopped is None and getattr(view, "fresh", False) and not is_fresh():
            return lost_forms.to_confirmation()
        return stopped


def _enter(permission: str) -> Response | None:
    person = current_user.person
    slug = g.tenant_slug
    actor = tenants.actor_for(slug, person)
    if actor is None and person.is_support:
        actor = visits.visitor(slug, person.id)
    if actor is None:
        abort(404)
    g.actor = actor
    if actor.visiting:
        visits.bind_session(actor)
        return visits.check(actor, permission)
    if not actor.may(permission):
        abort(403)
    return None
