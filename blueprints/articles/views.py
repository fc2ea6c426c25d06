"""Stub."""

from blueprints._doors import tenant_blueprint

blueprint = tenant_blueprint("articles", __name__, "/articles")
