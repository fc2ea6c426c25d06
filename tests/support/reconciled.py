"""Invoices posted long ago, and our books held against the play books, as in a night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from domain import posting as states
from domain.reconciliation import Stand
from models import (
    InvoicePosting,
    Reconciliation,
    ReconciliationFinding,
)
from services.invoicing import missing, posting, press
from services.reconciliation import rounds
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox


@pytest.fixture(autouse=True)
def nothing_was_held_before(vos: SimpleNamespace) -> None:
    """The cast's one run and finding of long ago are not there, in who imports this."""
    with write_transaction() as session:
        session.execute(delete(ReconciliationFinding))
        session.execute(delete(Reconciliation))


def long_ago(vos: SimpleNamespace) -> None:
    """Put every posting's lease behind the quiet window."""
    with write_transaction() as session:
        for row in session.scalars(select(InvoicePosting)):
            posting.row_locked(session, row.id)
            row.lease_until = row.lease_until - timedelta(hours=1) if row.lease_until else None


def posted(vos: SimpleNamespace, count: int = 1) -> list[InvoicePosting]:
    """So many invoices, posted long ago and read back since: nothing looks at them any more but this."""
    ids = [vos.order_id, *(make_order(vos.actor, vos.relation_id) for _ in range(count - 1))]
    found = [press.approve(vos.deps, vos.actor, order_id) for order_id in ids]
    assert [one.state for one in found] == [states.POSTED] * count
    for one in found:
        assert one.posting_id is not None
        assert missing.read_back(vos.deps, vos.actor, one.posting_id) == states.POSTED
    long_ago(vos)
    db.session.rollback()
    return [row_of(one.posting_id) for one in found]  # type: ignore[arg-type]


def row_of(posting_id: UUID) -> InvoicePosting:
    """The posting as it stands now."""
    db.session.rollback()
    return db.session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one()


def held(vos: SimpleNamespace) -> Reconciliation:
    """Hold ours against theirs, as in a night; the run."""
    db.session.rollback()
    rounds.tonight(vos.deps, vos.actor)
    db.session.rollback()
    return db.session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)).one()


def found() -> list[ReconciliationFinding]:
    """The findings that are not settled."""
    db.session.rollback()
    query = select(ReconciliationFinding).where(ReconciliationFinding.state != Stand.SETTLED)
    return list(db.session.scalars(query.order_by(ReconciliationFinding.number)))


def told() -> list[tuple[str, str]]:
    """Which invoices are not alike, and how."""
    return [(one.number, one.kind) for one in found()]


def lines_of(sandbox: Sandbox, number: str) -> list[dict[str, Any]]:
    """The lines of an invoice in the books."""
    (lines,) = (one["Regels"] for one in sandbox.invoices("demo") if one["Factuurnummer"] == number)
    return [{key: value for key, value in line.items() if key != "Bedrag"} for line in lines]


def foreign_invoices(sandbox: Sandbox, days: Sequence[date], code: str = "1001") -> None:
    """An invoice of each of these days in the books, to one customer, that has nothing to do with ours."""
    line = {"Aantal": 1, "Omschrijving": "Onderhoud", "PrijsPerEenheid": 10, "BTWCode": "HOOG_VERK_21"}
    for n, on in enumerate(days):
        of_others = {"Factuurnummer": f"F9{n:04d}", "Relatiecode": code, "Datum": on.isoformat()}
        sandbox.add_invoice("demo", **of_others, Regels=[line | {"TegenrekeningCode": "8000"}])
