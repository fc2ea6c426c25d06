"""Stub."""

from blueprints._doors import tenant_blueprint

blueprint = tenant_blueprint("relations", __name__, "/relations")
