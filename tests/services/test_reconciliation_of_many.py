"""A thousand invoices in books that silently give a hundred of them, in any order: none is called missing that is
there, and who is missing is found; in as many nights as the calls allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.administration import FIRST
from domain.invoice import InvoiceDraft, InvoiceLine, fingerprint, freeze
from domain.numbering import written
from domain.reconciliation import CALLS_A_DAY, Kind, Stand
from models import InvoiceNumber, InvoicePosting, Reconciliation, ReconciliationFinding, ReconciliationMonth
from services.invoicing import posting
from services.reconciliation import rounds, runs
from services.transaction import write_transaction
from tenancy.clock import database_now, today
from tenancy.database import db
from tests.support.reconciled import nothing_was_held_before
from tests.support.sandbox_process import Sandbox

__all__ = ["nothing_was_held_before"]

MANY = 1000
DAYS = 45


def drafts(count: int, on: date) -> Iterator[InvoiceDraft]:
    """So many invoices, spread over the days before this one; each 300th to a customer of its own."""
    for n in range(1, count + 1):
        said = f"Werkbon {on.year}-{n:04d}, uitgevoerd op de dag zelf: werk"
        line = InvoiceLine("ARBEID", said, Decimal(1), "uur", Decimal(n), "high", "8000")
        code = "1002" if n % 300 == 0 else "1001"
        number = written("WB", on.year, n)
        yield InvoiceDraft(number, code, on - timedelta(days=n % DAYS), 14, "Factuursjabloon", (line,))


def post(vos: SimpleNamespace, sandbox: Sandbox, count: int) -> None:
    """These invoices, posted long ago on both sides."""
    every = list(drafts(count, today(db.session())))
    with write_transaction() as session:
        now = database_now(session)
        for serial, draft in enumerate(every, 1):
            row = posting.new_posting(session, draft.number, FIRST)
            row.payload, row.state, row.dated_on = freeze(draft), states.POSTED, draft.on
            row.payload_hash = fingerprint(row.payload)
            row.excl, row.vat, row.incl = draft.totals.excl, draft.totals.vat, draft.totals.incl
            number = InvoiceNumber(number=draft.number, prefix="WB", year=today(session).year, serial=serial)
            number.state, number.changed_at = states.NUMBER_POSTED, now
            session.add_all([row, number])
    for draft in every:
        (line,) = draft.lines
        there = {
            "Aantal": str(line.quantity), "Eenheid": line.unit, "Code": line.code, "Omschrijving": line.description,
            "PrijsPerEenheid": str(line.price), "BTWCode": "HOOG_VERK_21", "TegenrekeningCode": line.ledger_code,
        }  # fmt: skip
        sandbox.add_invoice(
            "demo", Factuurnummer=draft.number, Relatiecode=draft.relation_code, Datum=draft.on.isoformat(),
            Betalingstermijn=14, Regels=[there],
        )  # fmt: skip


def nights(vos: SimpleNamespace, most: int) -> list[tuple[int, str, bool]]:
    """Night after night until it is done; how the run stood at the end of each."""
    seen = []
    for _ in range(most):
        rounds.tonight(vos.deps, vos.actor)
        db.session.rollback()
        (run,) = db.session.scalars(select(Reconciliation)).all()
        seen.append((run.calls_that_day, run.remark.key, run.finished_at is not None))
        if run.finished_at is not None:
            break
        with write_transaction() as session:  # the next night
            run = session.scalars(select(Reconciliation)).one()
            run.day, run.resumes_at = run.day - timedelta(days=1), None
    return seen


@pytest.mark.slow
def test_none_of_a_thousand_is_called_missing_that_is_there(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    post(vos, sandbox, MANY)
    gone = [written("WB", today(db.session()).year, n) for n in (300, 900)]
    for number in gone:
        sandbox.remove_invoice("demo", number)
    sandbox.switches("demo", invoice_cap=100, list_order="shuffled")
    seen = nights(vos, 6)
    assert seen[-1][2], seen
    assert all(calls <= CALLS_A_DAY for calls, _why, _done in seen)
    assert [why for _calls, why, _done in seen[:-1]] == ["reconciliation.day_spent"] * (len(seen) - 1)
    (run,) = db.session.scalars(select(Reconciliation)).all()
    assert (run.equal, run.missing, run.unsure, run.changed) == (MANY - len(gone), len(gone), 0, 0)
    lost = select(InvoicePosting.number).where(InvoicePosting.state == states.GONE)
    assert sorted(db.session.scalars(lost)) == gone
    found = db.session.execute(select(ReconciliationFinding.number, ReconciliationFinding.kind).where(
        ReconciliationFinding.state == Stand.OPEN)).all()  # fmt: skip
    assert sorted(found) == [(number, Kind.MISSING) for number in gone]
    months = db.session.scalars(select(ReconciliationMonth)).all()
    assert (sum(month.ours for month in months), sum(month.theirs for month in months)) == (MANY, MANY - len(gone))
    assert sum(month.equal for month in months) == run.equal


def test_who_died_in_the_middle_is_followed_and_nothing_is_counted_twice(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(vos, sandbox, 60)
    real, calls = runs.Hold.step, 0

    def dies(self: runs.Hold, *given: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 13:
            raise KeyboardInterrupt
        return real(self, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(runs.Hold, "step", dies)
        with pytest.raises(KeyboardInterrupt):
            rounds.tonight(vos.deps, vos.actor)
    db.session.rollback()
    rounds.tonight(vos.deps, vos.actor)
    db.session.rollback()
    (run,) = db.session.scalars(select(Reconciliation)).all()
    assert run.finished_at is None, "as long as its lease lasts it is somebody else's"
    with write_transaction() as session:
        run = session.scalars(select(Reconciliation)).one()
        run.lease_until = run.started_at - timedelta(minutes=1)
    rounds.tonight(vos.deps, vos.actor)
    db.session.rollback()
    (run,) = db.session.scalars(select(Reconciliation)).all()
    months = db.session.scalars(select(ReconciliationMonth)).all()
    assert (run.finished_at is not None, run.equal, run.missing) == (True, 60, 0)
    assert (sum(month.ours for month in months), sum(month.theirs for month in months)) == (60, 60)
