"""What was agreed to bill of an order in terms, and which of those stand over there. Reads only; nothing is asked of an
order that is billed whole."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain import billing
from domain import posting as states
from domain import terms as rules
from domain.billing import Share
from domain.invoice import thaw
from domain.terms import Billed, Plan, Term
from models import BillingTerm, InvoicePosting, WorkOrder
from services.invoicing import claims
from tenancy.database import db


def plan_of(order: WorkOrder) -> Plan | None:
    """The terms of an order, or None when it is billed whole."""
    if order.agreed_excl is None:
        return None
    query = select(BillingTerm).where(BillingTerm.order_id == order.id).order_by(BillingTerm.n)
    return Plan(order.agreed_excl, tuple(Term(row.label, row.percent, row.amount) for row in db.session.scalars(query)))


def share_of(order: WorkOrder) -> Share:
    """What the invoice of an order bills when it was carried out: the whole of it, or all that is left."""
    plan = plan_of(order)
    return claims.THE_WHOLE if plan is None else plan.last


def billed(orders: Sequence[WorkOrder]) -> dict[UUID, list[Billed]]:
    """By order, the terms of it that stand over there and are not credited, by their numbers there; one statement for
    all that are billed in terms, and none when none is."""
    asked = [order.id for order in orders if order.agreed_excl is not None and order.billing != billing.NONE]
    return {
        order_id: [_billed(n, row) for n, row in sorted(terms.items()) if _stands(row)]
        for order_id, terms in claims.terms_of(db.session(), asked).items()
    }


def _stands(row: InvoicePosting) -> bool:
    return row.state == states.POSTED and not row.is_credited


def _billed(n: int, row: InvoicePosting) -> Billed:
    # no release that wrote VAT codes in the words of the bookkeeping sent a term
    return rules.billed(n, row.remote_number or row.number, thaw(row.payload, row.payload_version, str))
