"""Whether invoices are paid, as the play books tell it: after a night, on demand, and when it cannot be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from domain import posting as states
from domain.message import NOTHING, Refusal
from domain.payment import Paid
from gateways.bookkeeping import Bookkeeping, OpenItemRows
from models import Administration, InvoicePosting, Payment, WorkOrder
from services.invoicing import posting
from services.reconciliation import payments
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.reconciled import (
    held,
    nothing_was_held_before,  # noqa: F401
    posted,
)
from tests.support.sandbox_process import Sandbox

TOTAL = Decimal("151.25")


def kept(row: InvoicePosting) -> Payment | None:
    """What is kept of this invoice's payment."""
    db.session.rollback()
    return db.session.scalars(select(Payment).where(Payment.posting_id == row.id)).one_or_none()


def stands(row: InvoicePosting) -> tuple[str, Decimal | None]:
    """How it stands, and what is left."""
    found = kept(row)
    assert found is not None
    return found.state, found.outstanding


def fetched(vos: SimpleNamespace) -> int:
    """Somebody presses: of how many it changed."""
    db.session.rollback()
    return payments.fetch_now(vos.deps, vos.actor)


def administration() -> Administration:
    db.session.rollback()
    return db.session.scalars(select(Administration)).one()


def calls(sandbox: Sandbox) -> list[str]:
    return [one["operation"] for one in sandbox.calls("demo")]


def paid(sandbox: Sandbox, row: InvoicePosting, amount: str = "") -> None:
    sandbox.with_invoice("demo", row.number, "payment", **({"Bedrag": amount} if amount else {}))


def test_a_night_tells_how_every_invoice_stands(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    ready, open_, partly, settled = posted(vos, 4)
    total = open_.incl
    for row in (open_, partly, settled):
        sandbox.with_invoice("demo", row.number, "book")
    paid(sandbox, partly, "27.05")
    paid(sandbox, settled)
    held(vos)
    assert stands(ready) == (Paid.READY, total)
    assert stands(open_) == (Paid.OPEN, total)
    assert stands(partly) == (Paid.PARTLY, total - Decimal("27.05"))
    assert stands(settled) == (Paid.PAID, 0)
    assert administration().payments_at is not None
    row = kept(open_)
    assert row is not None
    assert open_.dated_on is not None
    assert row.due_on == open_.dated_on + timedelta(days=14)
    order = db.session.scalars(select(WorkOrder.relation_id).join(InvoicePosting.orders)).first()
    assert row.relation_id == order == vos.relation_id


def test_a_night_takes_one_call_more_than_comparing_does(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    before = len(calls(sandbox))
    held(vos)
    assert calls(sandbox)[before:] == ["GetFacturen", "GetOpenPosten"]
    paid(sandbox, row)
    before = len(calls(sandbox))
    held(vos)
    assert calls(sandbox)[before:] == ["GetFacturen", "GetOpenPosten"]
    assert stands(row) == (Paid.PAID, 0)


def test_a_press_tells_who_paid_since_and_what_was_posted_since(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    (fresh,) = posted(replaced_order(vos))
    paid(sandbox, row)
    before = len(calls(sandbox))
    assert fetched(vos) == 2
    assert calls(sandbox)[before:] == ["GetOpenPosten", "GetFacturen"]
    assert stands(row) == (Paid.PAID, 0)
    assert stands(fresh) == (Paid.READY, fresh.incl)
    assert fetched(vos) == 0, "nothing changed, so nothing is written"


def replaced_order(vos: SimpleNamespace) -> SimpleNamespace:
    """The cast with another order to press."""
    from tests.support.cast import make_order

    return SimpleNamespace(**vars(vos) | {"order_id": make_order(vos.actor, vos.relation_id)})


def test_a_rest_of_five_cents_is_paid_and_shown(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    near, far = posted(vos, 2)
    for row, left in ((near, "0.05"), (far, "0.06")):
        sandbox.with_invoice("demo", row.number, "book")
        paid(sandbox, row, str(row.incl - Decimal(left)))
    held(vos)
    assert stands(near) == (Paid.PAID, Decimal("0.05"))
    assert stands(far) == (Paid.PARTLY, Decimal("0.06"))


def test_only_what_changed_is_written(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    one, other = posted(vos, 2)
    for row in (one, other):
        sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    first, second = kept(one), kept(other)
    assert first is not None
    assert second is not None
    since = first.since, second.since
    paid(sandbox, one)
    held(vos)
    changed, same = kept(one), kept(other)
    assert changed is not None
    assert same is not None
    assert changed.since > since[0]
    assert same.since == since[1]


def test_deleted_over_there_is_not_paid(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    looked = administration().payments_at
    sandbox.remove_invoice("demo", row.number)
    assert fetched(vos) == 1
    found = kept(row)
    assert found is not None
    assert (found.state, found.outstanding, found.known_at) == (Paid.UNKNOWN, None, looked)


def other_books(vos: SimpleNamespace, change: Callable[[OpenItemRows], OpenItemRows]) -> SimpleNamespace:
    """The cast whose bookkeeping gives other open items."""
    real = vos.deps.bookkeeping

    class Other:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def open_items(self, credentials: Any, within: float | None = None) -> OpenItemRows:
            return change(real.open_items(credentials, within))

    return SimpleNamespace(**vars(vos) | {"deps": replace(vos.deps, bookkeeping=cast(Bookkeeping, Other()))})


def test_under_another_relation_it_is_not_known(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    moved = other_books(
        vos, lambda found: replace(found, rows=tuple(replace(one, relation_code="9") for one in found.rows))
    )
    held(moved)
    assert stands(row) == (Paid.UNKNOWN, None)
    assert fetched(vos) == 1
    assert stands(row) == (Paid.OPEN, row.incl)


def test_a_list_that_may_be_cut_off_proves_no_payment(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    looked = administration().payments_at
    assert fetched(other_books(vos, lambda found: OpenItemRows((), (), 50))) == 0
    assert stands(row) == (Paid.OPEN, row.incl)
    there = administration()
    assert (there.payments_at, there.payments_remark.key) == (looked, "payments.cut_off")
    assert fetched(vos) == 0
    assert administration().payments_remark == NOTHING


def test_what_cannot_be_fetched_says_why_and_changes_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    looked = administration().payments_at
    sandbox.mischief("demo", [{"kind": "http_500_fault", "operation": "GetOpenPosten"}])
    with pytest.raises(Refusal, match="De betalingen zijn niet opgehaald"):
        fetched(vos)
    there = administration()
    assert there.payments_at == looked
    assert there.payments_remark
    assert stands(row) == (Paid.OPEN, row.incl)


def test_a_night_in_which_the_open_items_fail_keeps_its_result(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.mischief("demo", [{"kind": "http_500_fault", "operation": "GetOpenPosten"}])
    run = held(vos)
    assert (run.equal, run.error) == (1, NOTHING)
    assert kept(row) is None
    assert administration().payments_remark


def test_when_the_second_list_fails_nobody_is_said_to_have_paid_yet(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    looked = administration().payments_at
    paid(sandbox, row)
    sandbox.mischief("demo", [{"kind": "http_500_fault", "operation": "GetFacturen"}])
    assert fetched(vos) == 0
    assert stands(row) == (Paid.OPEN, row.incl)
    there = administration()
    assert there.payments_at == looked
    assert there.payments_remark
    assert fetched(vos) == 1
    assert stands(row) == (Paid.PAID, 0)


def test_without_an_active_link_nothing_is_asked(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    from services.link import connection

    connection.switch_feature(vos.actor, False)
    before = len(calls(sandbox))
    with pytest.raises(Refusal, match="niet actief"):
        fetched(vos)
    assert len(calls(sandbox)) == before


def test_what_is_not_posted_any_more_is_owed_by_nobody(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row, ready = posted(vos, 2)
    sandbox.with_invoice("demo", row.number, "book")
    held(vos)
    with write_transaction() as session:
        for one in (row, ready):
            posting.row_locked(session, one.id).state = states.CONFLICT
    assert fetched(vos) == 1
    assert stands(row) == (Paid.UNKNOWN, None)
    assert stands(ready) == (Paid.READY, ready.incl)
    assert fetched(vos) == 0


def test_a_link_of_before_there_were_administrations_gets_one(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        session.execute(delete(Administration))
    (row,) = posted(vos)
    held(vos)
    assert stands(row) == (Paid.READY, row.incl)
    assert administration().payments_at is not None


def test_many_are_kept_in_batches(vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = posted(vos, 5)
    for row in rows:
        sandbox.with_invoice("demo", row.number, "book")
    monkeypatch.setattr(payments, "AT_ONCE", 2)
    sizes: list[int] = []
    keep = payments.payments_kept.keep

    def counted(*given: Any) -> int:
        ids: list[UUID] = given[-1]
        sizes.append(len(ids))
        return keep(*given)

    monkeypatch.setattr(payments.payments_kept, "keep", counted)
    held(vos)
    assert sizes == [2, 2, 1]
    assert {stands(row)[0] for row in rows} == {Paid.OPEN}
