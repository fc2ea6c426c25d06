"""The blueprint of the settings area."""

from __future__ import annotations

from blueprints._doors import tenant_blueprint

blueprint = tenant_blueprint("settings", __name__, "/settings")
