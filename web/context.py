"""What every template may use: the person at work, counts for the menu, where htmx comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Flask, g, session
from flask_login import current_user

from blueprints._this_machine import from_this_machine
from blueprints.help.address import help_url
from services import heartbeat
from services.link import connection
from services.orders import attention
from services.support import visits
from settings import Settings


def install(app: Flask, settings: Settings) -> None:
    """Register the context processor, and what texts without a page may use too."""
    app.jinja_env.globals.update(help_url=help_url, operator=settings.operator, trial=settings.trial)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        actor = g.get("actor")
        return {
            "actor": actor,
            "person": current_user.person if current_user.is_authenticated else None,
            "attention": lambda: _counted().attention,
            "books": _counted,
            "visit": _visit() if actor is not None and actor.visiting else None,
            "htmx_source": settings.htmx_source,
            "htmx_local": htmx_local,
            "demo": settings.demo,
            "outbox_here": not settings.production and from_this_machine(),
            "other_tenants": _other_tenants,
            "worker_away": heartbeat.away,
            "link_feature_on": connection.feature_on,
            "now": datetime.now(UTC),
        }

    def htmx_local() -> bool:
        return (app_static(app) / "vendor" / "htmx.min.js").exists()


# What costs a statement is asked by the template that shows it, so that a fragment pays for none of it.


def _counted() -> attention.Counted:
    """What the menu counts, asked once a request."""
    if "counted" not in g:
        g.counted = attention.counted(g.actor)
    found: attention.Counted = g.counted
    return found


def _other_tenants() -> list[tuple[str, str]]:
    """Slug and name of where else this person may be."""
    if not current_user.is_authenticated:
        return []
    return [(one.slug, one.name) for one in current_user.person.belongings if one.slug != g.actor.tenant_slug]


def app_static(app: Flask) -> Path:
    """The folder of static files as a path."""
    return Path(app.static_folder or "static")


def _visit() -> SimpleNamespace | None:
    visit_id = session.get("visit_id")
    found = visits.present_visit(UUID(visit_id)) if visit_id else None
    if found is None:
        return None
    left = max(0, int((found.ends_at - datetime.now(UTC)).total_seconds() // 60))
    return SimpleNamespace(
        reason=found.reason, minutes_left=left, staff_name=current_user.person.name, broke_glass=found.broke_glass
    )
