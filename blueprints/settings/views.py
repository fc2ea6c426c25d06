"""Stub."""

from blueprints._doors import tenant_blueprint

blueprint = tenant_blueprint("settings", __name__, "/settings")
