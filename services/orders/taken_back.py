"""A wrong invoice, in one go: credited, and once that stands there its order is opened again or billed no more."""

from __future__ import annotations

from uuid import UUID

from domain import posting as states
from domain.message import Refusal
from domain.permissions import Actor
from services.dependencies import Dependencies
from services.invoicing import crediting
from services.orders import work_orders

MEND, LEAVE = "mend", "leave"


def take_back(deps: Dependencies, actor: Actor, order_id: UUID, reason: str, following: str) -> None:
    """Credit an order's posted invoice, for a reason, and then MEND or LEAVE. Raises Refusal, and then nothing was
    credited; when only what was to follow cannot be done, the order's page shows the credit and asks for it."""
    if crediting.credit_order(deps, actor, order_id, reason).state != states.POSTED:
        return
    try:
        if following == MEND:
            work_orders.move(actor, order_id, "reopen")
        else:
            work_orders.set_billable(actor, order_id, reason)
    except Refusal:
        return
