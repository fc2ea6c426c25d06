"""The doors: every route says who may come in. A route without a door answers 500, so none is forgotten.

Tenant routes live under /t/<slug>/; the slug is taken out of the view's arguments and put back by url_for.
A tenant that is not yours is a 404, like a row that is not yours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user

from blueprints import _visits
from blueprints._freshness import is_fresh, to_confirmation
from blueprints._hypermedia import go
from blueprints._parts import parts
from domain.permissions import Actor
from services import second_factor, tenants

View = TypeVar("View", bound=Callable[..., Any])
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


def door(permission: str, fresh: bool = False) -> Callable[[View], View]:
    """A tenant route that asks this permission, and with `fresh` the password too when that was long ago."""
    return lambda view: fresh_only(_mark("tenant", permission)(view)) if fresh else _mark("tenant", permission)(view)


def fresh_only(view: View) -> View:
    """A route that asks the password again when it was given more than ten minutes ago; beside another door."""
    view.fresh = True  # type: ignore[attr-defined]
    return view


def anyone(view: View) -> View:
    """A route open to all (login page, health, first-owner link)."""
    return _mark("anyone", "")(view)


def signed_in(view: View) -> View:
    """A route for any person who is logged in, outside a tenant."""
    return _mark("signed_in", "")(view)


def staff(view: View) -> View:
    """A route for support staff, outside a tenant."""
    return _mark("staff", "")(view)


def _mark(kind: str, permission: str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.door = (kind, permission)  # type: ignore[attr-defined]
        return view

    return mark


def tenant_blueprint(name: str, import_name: str, path: str) -> Blueprint:
    """A blueprint whose routes live under /t/<slug>/<path>."""
    blueprint = Blueprint(name, import_name, url_prefix=f"/t/<tenant_slug>{path}")

    @blueprint.url_value_preprocessor
    def take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.tenant_slug = (values or {}).pop("tenant_slug", None)

    return blueprint


def present_actor() -> Actor:
    """The person at work; only inside a tenant route."""
    actor: Actor = g.actor
    return actor


def guard(app: Flask) -> None:
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
            return _to_login()
        if kind == "staff" and not current_user.person.is_support:
            abort(404)
        if request.endpoint not in WITHOUT_SECOND_FACTOR and second_factor.must_have(parts(), current_user.person):
            return go(url_for("account.second_factor"))
        stopped = _enter(permission) if kind == "tenant" else None
        if stopped is None and getattr(view, "fresh", False) and not is_fresh():
            return to_confirmation()
        return stopped


def _enter(permission: str) -> Response | None:
    person = current_user.person
    slug = g.tenant_slug
    actor = tenants.actor_for(slug, person.id)
    if actor is None and person.is_support:
        actor = _visits.guest(slug, person.id)
    if actor is None:
        abort(404)
    g.actor = actor
    if actor.impersonating:
        return _visits.check(actor, permission)
    if not actor.may(permission):
        abort(403)
    return None


def _to_login() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return go(url_for("auth.login", next=back)) if request.endpoint else redirect("/")  # type: ignore[return-value]
