"""What is asked about our books and theirs is looked up by an index, on either database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from uuid_utils.compat import uuid7

from domain.reconciliation import Cause, How, Kind, Stand
from models import InvoicePosting, Reconciliation, ReconciliationFinding, ReconciliationMonth
from services.orders import attention
from services.reconciliation import findings, holding, reports, runs
from services.transaction import write_transaction
from tenancy.clock import database_now
from tenancy.database import db
from tests.services.test_billing_plans import fill, tables
from tests.support import plans

__all__ = ["tables"]
pytestmark = pytest.mark.slow

TABLES = {"invoice_posting", "reconciliation", "reconciliation_month", "reconciliation_finding"}
ALL = {"tenant_id", "administration"}
# indexes of no more than what is under way, open, or not settled
ONLY_CURRENT = {"uq_reconciliation_open", "ix_reconciliation_finding_open", "uq_reconciliation_finding_posting"}
FIRST_DAY = date(2019, 1, 1)


@pytest.fixture
def old(vos: SimpleNamespace, tables: Callable[[str], None]) -> SimpleNamespace:
    """Invoices of years, each with a finding that was settled long ago, and one that is open; known to the planner."""
    fill()
    with write_transaction() as session:
        now = database_now(session)
        of_runs = [
            Reconciliation(
                id=uuid7(), cause=Cause.NIGHT, first=FIRST_DAY, last=FIRST_DAY, started_at=now, finished_at=now,
                link_version=1, day=FIRST_DAY + timedelta(days=n),
            )
            for n in range(300)
        ]  # fmt: skip
        session.add_all(of_runs)
        session.flush()
        session.add_all(ReconciliationMonth(run_id=run.id, month=FIRST_DAY) for run in of_runs)
        for n, row in enumerate(session.scalars(select(InvoicePosting))):
            day = FIRST_DAY + timedelta(days=n)
            row.dated_on = day
            found = ReconciliationFinding(
                run_id=of_runs[n % 300].id, posting_id=row.id, number=row.number, kind=Kind.CHANGED, day=day, since=now,
                seen_at=now, state=Stand.SETTLED, how=How.EQUAL,
            )  # fmt: skip
            session.add(found)
        found.state = Stand.OPEN
        made = SimpleNamespace(run=of_runs[0].id, posting=found.posting_id, finding=found.id, number=found.number)
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        tables("ANALYZE")
    return made


def questions(vos: SimpleNamespace, old: SimpleNamespace) -> dict[str, Callable[[], Any]]:
    """What is asked, by name."""
    session, period = db.session(), (FIRST_DAY, FIRST_DAY + timedelta(days=3))
    now = database_now(session)
    a_run: Any = SimpleNamespace(
        id=old.run, first=date(2050, 1, 1), last=FIRST_DAY, administration=1, by="", started_at=now
    )
    return {
        "the number in the menu": lambda: attention.count(vos.actor),
        "how it stands": reports.standing,
        "what is open": reports.findings,
        "what was settled": lambda: reports.findings(Stand.SETTLED),
        "one finding": lambda: reports.finding(old.finding),
        "the months of a run": lambda: reports.months(old.run),
        "ours of some days": lambda: runs.ours_dated(session, period, 1),
        "whether it was held before": runs.was_held_before,
        "how many are ours": lambda: runs._how_many(period, 1),
        "days that are not filled in": lambda: runs.undated(vos.deps),
        "ours by number": lambda: holding._named(session, [old.number, "F00001"], 1),
        "what is known of some": lambda: findings.current(session, [old.posting]),
        "what is to be looked up": lambda: findings.to_look_up(session, a_run),
        "what was decided": lambda: findings.not_met(session, a_run),
        "what waits": lambda: runs.waiting(vos.deps),
    }


def too_wide(vos: SimpleNamespace, old: SimpleNamespace) -> list[str]:
    """The looks that are narrowed by nothing but the tenant; a page goes along the key, and stops."""
    wide = []
    for name, ask in questions(vos, old).items():
        with plans.asked() as statements:
            ask()
        for statement, values in statements:
            for look in plans.looks(statement, values):
                narrow = look.by - ALL or look.index in ONLY_CURRENT
                if look.table in TABLES and not narrow and "LIMIT" not in statement:
                    wide.append(f"{name}: {look} in {statement[:500]}")
    db.session.rollback()
    return wide


def test_nothing_that_is_asked_looks_at_all_there_is(vos: SimpleNamespace, old: SimpleNamespace) -> None:
    assert not too_wide(vos, old)


def test_without_its_index_it_does(vos: SimpleNamespace, old: SimpleNamespace, tables: Callable[[str], None]) -> None:
    tables("DROP INDEX ix_invoice_posting_tenant_id_dated_on")
    db.engine.dispose()
    assert too_wide(vos, old)
