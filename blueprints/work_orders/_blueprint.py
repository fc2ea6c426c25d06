"""The blueprint of the work orders area, and how its views find an order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort

from blueprints._doors import present_actor, tenant_blueprint
from services.orders import work_orders

blueprint = tenant_blueprint("work_orders", __name__, "/work-orders")


def found(order_id: UUID) -> Any:
    """The order, as far as this person may see it; else 404."""
    order = work_orders.get(present_actor(), order_id)
    return order if order is not None else abort(404)
