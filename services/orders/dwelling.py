"""What was declared of the address that an order without a work site is done at: taken back."""

from __future__ import annotations

from uuid import UUID

from domain.message import Refusal, msg
from domain.permissions import Actor
from oversight.audit_trail import record
from services.orders import work_orders
from services.transaction import write_transaction


def withdraw(actor: Actor, order_id: UUID) -> None:
    """It is not known any more that this is a dwelling older than two years; the next press asks. Raises LookupError,
    and Refusal once an invoice went out under it."""
    with write_transaction() as session:
        order = work_orders.locked_order(session, actor, order_id)
        if work_orders.is_locked(session, order.id):
            raise Refusal(
                msg("De factuur is geplaatst of onderweg; wat daarvoor is verklaard, blijft bij de bon staan.")
            )
        if order.location_id is not None or order.dwelling_declared_on is None:
            return
        told = {"by": order.dwelling_declared_by, "day": order.dwelling_declared_on}
        record(session, actor, "work_order.dwelling_withdrawn", "work_order", order.id, order.number, **told)
        order.keep_declaration(None)
        work_orders.touch(session, order)
