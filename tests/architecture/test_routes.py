"""Every route has a door, tenant routes live under a tenant, and nothing changes by GET."""

from __future__ import annotations

from flask import Flask

from domain.permissions import ALL_PERMISSIONS


def routes(app: Flask) -> list[tuple[str, str, tuple[str, str]]]:
    """(endpoint, rule, door) of all our routes."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("static"):
            door = getattr(app.view_functions[rule.endpoint], "door", ("none", ""))
            found.append((rule.endpoint, rule.rule, door))
    return found


def test_every_route_has_a_door(app: Flask) -> None:
    without = [endpoint for endpoint, _rule, door in routes(app) if door[0] == "none"]
    assert without == [], "put @door('area:action'), @signed_in, @staff or @anyone under the route decorator"


def test_tenant_doors_ask_a_known_permission_and_stand_under_a_tenant(app: Flask) -> None:
    for endpoint, rule, (kind, permission) in routes(app):
        if kind == "tenant":
            assert permission in ALL_PERMISSIONS, (
                f"{endpoint} asks {permission!r}; domain/permissions.py lists the words"
            )
            assert rule.startswith("/t/<tenant_slug>/"), endpoint
        else:
            assert "<tenant_slug>" not in rule, f"{endpoint} is under a tenant but has another door"


def test_a_route_without_a_door_opens_for_nobody(app: Flask) -> None:
    app.add_url_rule("/vergeten", "forgotten", lambda: "hello")
    assert app.test_client().get("/vergeten").status_code == 500
