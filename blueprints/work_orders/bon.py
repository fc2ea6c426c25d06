"""What the page of a work order shows: the bon, what may be done with it, its history, and the strook under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort

from blueprints._dependencies import deps
from blueprints._doors import present_actor
from blueprints.work_orders import slip, strook
from domain import billing
from domain import posting as states
from domain import work_order as rules
from domain.message import Message
from services.invoicing import press
from services.orders import agreement, work_orders
from services.trail import history

FINISHABLE = frozenset(row.source for row in rules.TRANSITIONS if row.verb == "finish")


@dataclass(frozen=True)
class Step:
    """One step of the history; `times` counts the same step taken over and over (looking an invoice up)."""

    what: Message
    who: str
    on_behalf_of: str
    at: datetime
    times: int = 1


def page(order_id: UUID, note: Message | None = None, brief: bool = False, **said: Any) -> dict[str, Any]:
    """Everything the templates of one work order need; `brief`: those of its strook, moves and history only. 404 when
    the order is not there for this person.

    note: a no that stands above the bon; said: what the strook has to tell of a press (see strook.below).
    """
    actor = present_actor()
    order = work_orders.get(actor, order_id, brief)
    if order is None:
        abort(404)
    prices = actor.may("price:read")
    posting = order.live_posting
    trail = history.of_order(order_id) if actor.may("history:read") else None
    locked = posting is not None and posting.state in states.LOCKS_ORDER
    back = order.credit if prices else None
    fresh = said.pop("fresh", False)
    return {
        "order": order,
        "prices": prices,
        "note": note,
        "locked": locked,
        "credit": slip.of(back, fresh) if back is not None else None,
        "earlier": press.billed_earlier(order) if prices and order.billing_round > 1 else (),
        "editable": order.state in rules.EDITABLE and not locked and actor.may("work_order:write"),
        "moves": [
            row for row in work_orders.moves_for(actor, order)
            if row.verb != "approve" and not (row.verb == "reopen" and locked and not order.is_credited)
        ],
        "trail": steps(trail or ()),
        "terms": agreement.shown(order) if prices else None,
        "together": press.billed_together(deps(), posting) if prices else (),
        "strook": strook.below(order, posting, trail, fresh=fresh and back is None, **said) if prices else None,
    }  # fmt: skip


def shown_state(order: Any, posting_state: str | None) -> str:
    """The invoice's state as lists and the bon show it; empty when there is nothing to say yet."""
    if posting_state:
        return "credited" if posting_state == states.POSTED and order.billing == billing.NONE else posting_state
    if order.not_billable_reason:
        return "not_billable"
    if order.billing == billing.PARTLY:
        return "partly"
    if order.state == rules.APPROVED:
        return "not_invoiced"
    return "ready" if order.state == rules.DONE else ""


def steps(lines: Sequence[history.Line]) -> list[Step]:
    """The history, newest first; the same thing many times on end becomes one line."""
    found: list[Step] = []
    for line in lines:
        last = found[-1] if found else None
        if last is not None and (last.what, last.who) == (line.what, line.who):
            found[-1] = Step(last.what, last.who, last.on_behalf_of, last.at, last.times + 1)
        else:
            found.append(Step(line.what, line.who, line.on_behalf_of, line.at))
    return found
