"""Stub."""

from blueprints._doors import tenant_blueprint

blueprint = tenant_blueprint("work_orders", __name__, "/work_orders")
