"""What is asked about billing is looked up by an index, on either database: it costs what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateIndex
from uuid_utils.compat import uuid7

from domain import billing
from domain import posting as states
from models import AuditEntry, BillingClaim, BillingRound, InvoiceNumber, InvoicePosting, WorkOrder
from services.invoicing import claims, intending, issued_numbers, numbers, posting, press
from services.orders import attention, listing, start
from services.trail import history
from services.transaction import write_transaction
from settings import Settings
from tenancy.database import Base, db
from tenancy.statistics import tell_planner
from tests.support import plans
from tests.support.postgres import connection_string

pytestmark = pytest.mark.slow

MANY = 2000
YEARS_AGO = datetime(2019, 5, 1, tzinfo=UTC)
# What is shown in pages: the index that they go along, and stop.
_NUMBERS = {"pk_invoice_number", "sqlite_autoindex_invoice_number_1"}
PAGES = {
    "numbers": _NUMBERS,
    "all numbers": _NUMBERS,
    "orders": {"ix_work_order_tenant_id_year"},
    "the log": {"ix_audit_entry_tenant_id_at"},
}
SELECTED = re.compile(r"(?<=SELECT ).*?(?=FROM)|(?<=IN \()[^)S]*", re.DOTALL)  # of no interest to a reader
GROWS = {"work_order", "invoice_posting", "billing_round", "billing_claim", "invoice_number", "audit_entry"}


def fill() -> SimpleNamespace:
    """Orders billed years ago, and one that is refused. The ids of the last one's order and posting, and its number."""
    rounds, shares = [], []
    with write_transaction() as session:
        for n in range(MANY):
            made = {"created_at": YEARS_AGO, "changed_at": YEARS_AGO}
            order = WorkOrder(id=uuid7(), number=f"2019-{n:04d}", title="Oud", state="approved", **made)
            order.billing, order.approved_at = billing.BILLED, YEARS_AGO
            row = InvoicePosting(
                id=uuid7(), number=f"WB2019-{n:04d}", state=states.POSTED, payload="{}", payload_hash="",
                excl=1, vat=0, incl=1, created_at=YEARS_AGO, settled_at=YEARS_AGO + timedelta(minutes=n),
            )  # fmt: skip
            share = {"order_id": order.id, "round": 1, "manner": "whole"}
            told = {"at": YEARS_AGO, "event": "x", "person_name": "x"}
            number = InvoiceNumber(
                number=row.number, prefix="WB", year=2019, serial=n, state=states.NUMBER_POSTED, changed_at=YEARS_AGO
            )
            session.add_all([order, row, number])
            session.add_all(AuditEntry(subject_id=one.id, subject="x", **told) for one in (order, row, number))
            rounds.append(BillingRound(**share))
            shares.append(BillingClaim(posting_id=row.id, share="whole", **share))
        for parents_first in ((), rounds, shares):
            session.add_all(parents_first)
            session.flush()
        row.state, order.billing, number.state = states.REFUSED, billing.COLLECTING, states.FREE
        return SimpleNamespace(order=order.id, posting=row.id, number=row.number)


@pytest.fixture
def tables(request: pytest.FixtureRequest, settings: Settings, template: SimpleNamespace) -> Callable[[str], None]:
    """Runs a statement as the owner of the tables."""

    def run(statement: str) -> None:
        if settings.database_url.startswith("sqlite"):
            engine = create_engine(settings.database_url)
            with engine.begin() as connection:
                connection.exec_driver_sql(statement)
            engine.dispose()
            return
        with psycopg.connect(connection_string(template.original.as_owner(settings.database_url))) as it:
            it.execute(statement)

    return run


def questions(vos: SimpleNamespace, old: SimpleNamespace) -> dict[str, Callable[[], Any]]:
    """What is asked, by name."""

    def writing(ask: Callable[[Any], Any]) -> Callable[[], Any]:
        def asked() -> None:
            with write_transaction() as session:
                ask(session)

        return asked

    return {
        "the number in the menu": lambda: attention.count(vos.actor),
        "what needs attention": attention.items,
        "what was posted this week": start.link_panel,
        "the posting of an order": lambda: claims.live_posting(db.session(), old.order),
        "what was given up": lambda: press.last_abandoned(old.order),
        "what happened to an order": lambda: history.of_order(old.order),
        "numbers": issued_numbers.list_,
        "orders": lambda: listing.list_(vos.actor, listing.Filter()),
        "the log": history.list_,
        "free numbers": lambda: issued_numbers.list_(state=states.FREE),
        "taken numbers": lambda: issued_numbers.list_(state=states.TAKEN),
        "all numbers": lambda: list(issued_numbers.all_()),
        "an order is locked": writing(lambda session: intending.load_for_invoice(session, old.order)),
        "orders are locked together": writing(
            lambda session: intending.lock_several(session, [old.order, vos.order_id])
        ),
        "the orders of a posting": lambda: claims.orders_billed_by(db.session(), old.posting),
        "a posting is locked": writing(lambda session: posting.locked(session, old.posting)),
        "a number is marked": writing(lambda session: numbers.mark(session, old.number, states.HELD, administration=1)),
        "a series begins": writing(lambda session: numbers.set_invoice_series(session, 2019, "WB", MANY, 1)),
        "a claim is released": writing(lambda session: claims.release(session, posting.locked(session, old.posting))),
    }


# The indexes of which each must be used, and by which question.
USED = {
    "ix_billing_claim_tenant_id_order_id": "what happened to an order",
    "ix_work_order_tenant_id_year": "orders",
    "ix_invoice_posting_tenant_id_state": "what needs attention",
    "ix_invoice_posting_tenant_id_number": "all numbers",
    "ix_invoice_number_tenant_id_state": "taken numbers",
    "ix_invoice_number_series": "a series begins",
    "ix_audit_entry_tenant_id_subject_id": "what happened to an order",
}
# What narrows to next to nothing: most orders were checked long ago, and most tenants have one administration.
ALL = {"tenant_id", "administration"}
WIDE = {"work_order": {"tenant_id", "state"}}


# What holds only the few rows that it is about, and is of no use to a question about others.
FEW = {"ix_invoice_posting_code_moved", "ix_work_order_to_invoice", "ix_invoice_number_free"}


def seen(vos: SimpleNamespace, old: SimpleNamespace) -> Iterator[tuple[str, str, plans.Look]]:
    """Every look at a table that grows: the question, the statement, the look."""
    for name, ask in questions(vos, old).items():
        with plans.asked() as statements:
            ask()
        for statement, values in statements:
            for look in plans.looks(statement, values):
                if look.table in GROWS:
                    yield name, statement, look
    db.session.rollback()  # a plan asked outside a service began a transaction


def too_wide(vos: SimpleNamespace, old: SimpleNamespace) -> list[str]:
    """The looks that are narrowed by nothing but the tenant; a page goes along an index, and stops."""
    return [
        f"{name}: {look} in {SELECTED.sub('', statement)[:600]}"
        for name, statement, look in seen(vos, old)
        if look.index not in FEW
        and not look.by - WIDE.get(look.table, ALL)
        and not ("LIMIT" in statement and look.index in PAGES.get(name, ()))
    ]


@pytest.fixture
def old(vos: SimpleNamespace, tables: Callable[[str], None]) -> SimpleNamespace:
    """What `fill` made, known to the planner."""
    made = fill()
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        tables("ANALYZE")
    return made


def test_nothing_that_is_asked_looks_at_all_there_is(vos: SimpleNamespace, old: SimpleNamespace) -> None:
    wide = too_wide(vos, old)
    assert not wide, "\n".join(wide)
    used = {(look.index, name) for name, _statement, look in seen(vos, old)}
    assert set(USED.items()) <= used


def test_without_its_index_a_question_looks_at_all_there_is(
    vos: SimpleNamespace, old: SimpleNamespace, tables: Callable[[str], None]
) -> None:
    made = {index.name: index for table in Base.metadata.tables.values() for index in table.indexes}
    for name in USED:
        tables(f"DROP INDEX {name}")
        db.engine.dispose()  # SQLite: who is connected keeps its figures
        assert any(line.startswith(f"{USED[name]}: ") for line in too_wide(vos, old)), name
        tables(str(CreateIndex(made[name]).compile(db.engine)))
        retold()
    assert not too_wide(vos, old)


def test_what_waits_for_its_invoice_is_counted_by_an_index_of_it(
    vos: SimpleNamespace, old: SimpleNamespace, tables: Callable[[str], None]
) -> None:
    name, either = "the number in the menu", {"ix_work_order_billing", "ix_work_order_to_invoice"}
    by = {look.index for asked, _, look in seen(vos, old) if asked == name and look.table == "work_order"}
    assert by, "it was counted"
    assert by <= either
    for index in either:
        tables(f"DROP INDEX {index}")
    db.engine.dispose()
    assert any(line.startswith(f"{name}: ") for line in too_wide(vos, old))


def test_the_key_of_what_is_live_is_an_index_that_is_used(
    vos: SimpleNamespace, old: SimpleNamespace, tables: Callable[[str], None]
) -> None:
    # PostgreSQL takes either of two that narrow to one order; it must know both
    tables("DROP INDEX ix_billing_claim_tenant_id_order_id")
    by = {look.index: look.by for name, _, look in seen(vos, old) if name == "the posting of an order"}
    assert by["uq_billing_claim_live"] >= {"tenant_id", "order_id", "round", "share"}


def test_without_figures_sqlite_goes_through_all_of_a_tenant(
    vos: SimpleNamespace, old: SimpleNamespace, tables: Callable[[str], None]
) -> None:
    if db.engine.dialect.name == "postgresql":
        return  # it has figures of its own
    tables("DELETE FROM sqlite_stat1")
    db.engine.dispose()
    wide = {line.split(":")[0] for line in too_wide(vos, old)}
    assert wide > {"the orders of a posting", "what happened to an order"}


def retold() -> None:
    """SQLite: figures for an index that was made anew."""
    if db.engine.dialect.name == "sqlite":
        with db.engine.begin() as connection:
            tell_planner(connection)
        db.engine.dispose()
