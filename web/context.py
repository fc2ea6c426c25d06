"""What every template may use: the person at work, counts for the menu, where htmx comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import Flask, current_app, g, session
from flask_login import current_user

from blueprints.help.address import help_url
from services.link import connection
from services.orders import attention
from services.people import authentication
from services.support import visits
from settings import Operator


def install(app: Flask, htmx_source: str, demo: bool, operator: Operator) -> None:
    """Register the context processor, and what texts without a page may use too."""
    app.jinja_env.globals.update(help_url=help_url, operator=operator)

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        actor = g.get("actor")
        signed_in = current_user.is_authenticated
        inside = actor is not None
        return {
            "actor": actor,
            "person": current_user.person if signed_in else None,
            "nav_counts": SimpleNamespace(attention=attention.count(actor) if inside else 0),
            "visit": _visit() if inside and actor.visiting else None,
            "htmx_source": htmx_source,
            "htmx_local": (app_static(current_app) / "vendor" / "htmx.min.js").exists(),
            "demo": demo,
            "other_tenants": [
                (b.slug, b.name)
                for b in authentication.belongings(current_user.person.id)
                if b.slug != actor.tenant_slug
            ]
            if inside and signed_in
            else [],
            "link_feature_on": connection.feature_on() if inside else False,
            "now": datetime.now(UTC),
        }


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
