"""What children do on the stage: press, recover, look. Each function runs in a process of its own."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain import posting as states
from domain.message import Refusal
from models import InvoiceNumber, InvoicePosting, WorkOrder
from services.company import tenants
from services.invoicing import press as invoicing
from services.invoicing import recovery
from tenancy.database import db
from tests.support.cast import line, make_order
from tests.torture.stage import Lane


def make_orders(lane: Lane, prices: list[str]) -> list[str]:
    """Executed orders, one a price (euros an hour, two hours); their ids."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Opbouw")
        return [str(make_order(actor, lane.relation_id, lines=(line(price=Decimal(p)),))) for p in prices]


def press(lane: Lane, order_id: str) -> str:
    """*Gecontroleerd*, and once that is done *Opnieuw versturen*; the posting's state, or "refusal"."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Drukker")
        for verb in (invoicing.approve, invoicing.send):
            try:
                return verb(lane.deps, actor, UUID(order_id)).state
            except Refusal:
                continue
        return "refusal"


def press_all(lane: Lane, order_ids: list[str], start_at: float) -> dict[str, Any]:
    """Press *Gecontroleerd* on all orders, from a moment (time.time seconds) on; how often each came of it."""
    with lane.app.app_context():
        actor = tenants.process(lane.slug, "Menigte")
        seen: dict[str, int] = {}
        time.sleep(max(0.0, start_at - time.time()))
        for order_id in order_ids:
            try:
                came = invoicing.approve(lane.deps, actor, UUID(order_id)).state
            except Refusal:
                came = "refusal"
            seen[came] = seen.get(came, 0) + 1
        return seen


def recover(lane: Lane) -> int:
    """One round of the worker in this tenant."""
    with lane.app.app_context():
        return recovery.recover_all(lane.deps, tenants.process(lane.slug, "Herstel"))


def recover_blindly(lane: Lane) -> int:
    """The same with the look-up taken out: it never finds anything, so it sends again."""
    lane.deps.bookkeeping.find_invoice = lambda given, number, ours: None  # type: ignore[method-assign]
    return recover(lane)


def look(lane: Lane, order_ids: list[str]) -> dict[str, Any]:
    """How orders and numbers stand: {"orders": {id: …}, "numbers": {number: state}}."""
    with lane.app.app_context():
        tenants.process(lane.slug, "Kijker")
        session = db.session()
        numbers = {row.number: row.state for row in session.scalars(select(InvoiceNumber))}
        orders = {}
        for order_id in order_ids:
            order = session.scalars(select(WorkOrder).where(WorkOrder.id == UUID(order_id))).one()
            row: InvoicePosting | None = invoicing.live_posting(session, order.id)
            orders[order_id] = {
                "order": order.number,
                "approved": order.state == "approved",
                "state": row.state if row else "",
                "why": f"{row.code} {row.text} {row.why} {row.note}" if row else "",
                "number": row.number if row else "",
                "number_state": numbers.get(row.number, "") if row else "",
            }
        return {"orders": orders, "numbers": numbers}


def wants_a_press(row: dict[str, Any]) -> bool:
    """Whether a person would press again: nothing happened yet, or it certainly did not arrive."""
    return not row["approved"] or row["state"] in {"", *states.MAY_SEND_AGAIN}
