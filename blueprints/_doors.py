"""The doors: every route says who may come in. web/guard.py asks them; a route without a door answers 500, so none is
forgotten.

Tenant routes live under /t/<slug>/; the slug is taken out of the view's arguments and put back by url_for.
A tenant that is not yours is a 404, like a row that is not yours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, g

from domain.permissions import Actor

View = TypeVar("View", bound=Callable[..., Any])


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
