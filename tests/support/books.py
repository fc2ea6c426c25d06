"""Invoices in the play bookkeeping that no order of the tests stands behind."""

from __future__ import annotations

import time
from decimal import Decimal
from types import SimpleNamespace

from domain.invoice import InvoiceDraft, InvoiceLine
from domain.outcome import Posted
from services.link import connection
from tenancy.clock import today
from tenancy.database import db


def put_a_foreign_invoice(
    vos: SimpleNamespace, number: str, said: str = "Onderhoudscontract", code: str = "1001"
) -> None:
    """An invoice over there under a number of ours that was not made here."""
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    on = today(db.session())
    only = InvoiceLine("X", said, Decimal(1), "stuk", Decimal(10), "high", "8000")
    db.session.rollback()
    draft = InvoiceDraft(number, code, on, 14, "Factuursjabloon", (only,))
    assert vos.deps.bookkeeping.post_invoice(credentials, draft, time.monotonic() + 60) == Posted(number)
