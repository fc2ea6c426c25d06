"""A posted invoice that vanished over there: seen, proven, decided by a person; no "look in a few minutes" for ever."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import billing
from domain import posting as states
from domain.invoice import renumbered
from domain.message import Refusal
from domain.outcome import Posted
from models import InvoiceNumber, InvoicePosting, WorkOrder
from services.invoicing import looking_back, missing, posting, press
from services.invoicing.older_copy import Behind
from services.link import connection
from services.orders import attention, work_orders
from services.transaction import stop_reading, write_transaction
from tenancy.database import db
from tests.support.cast import make_order
from tests.support.reconciled import foreign_invoices
from tests.support.sandbox_process import Sandbox


def row_of(posting_id: UUID) -> InvoicePosting:
    """The posting as it stands now."""
    db.session.rollback()
    return db.session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one()


def long_ago(posting_id: UUID) -> None:
    """Put a posting's lease behind the quiet window."""
    with write_transaction() as session:
        row = posting.locked(session, posting_id)
        assert row.lease_until is not None
        row.lease_until -= timedelta(hours=1)


def posted(vos: SimpleNamespace) -> InvoicePosting:
    """The order's invoice, posted long ago."""
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert (pressed.state, pressed.posting_id is None) == (states.POSTED, False)
    long_ago(pressed.posting_id)  # type: ignore[arg-type]
    return row_of(pressed.posting_id)  # type: ignore[arg-type]


def made_there(vos: SimpleNamespace, row: InvoicePosting, number: str) -> None:
    """The same invoice under another number, as if a person had given it that."""
    draft = renumbered(posting.thawed(vos.deps, row), number)
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    stop_reading()
    sent = vos.deps.bookkeeping.post_invoice(credentials, draft, time.monotonic() + 60)
    assert sent == Posted(number)


def numbers(sandbox: Sandbox) -> list[str]:
    """What stands in the books."""
    return sorted(invoice["Factuurnummer"] for invoice in sandbox.invoices("demo"))


def state_of(number: str) -> str:
    """The state of an issued number."""
    return db.session.scalars(select(InvoiceNumber.state).where(InvoiceNumber.number == number)).one()


def billed(vos: SimpleNamespace) -> str:
    """How far the order is billed."""
    return db.session.scalars(select(WorkOrder.billing).where(WorkOrder.id == vos.order_id)).one()


@pytest.fixture
def gone(vos: SimpleNamespace, sandbox: Sandbox) -> InvoicePosting:
    """An invoice that was posted and vanished."""
    row = posted(vos)
    sandbox.remove_invoice("demo", row.number)
    assert missing.read_back(vos.deps, vos.actor, row.id) == states.GONE
    return row_of(row.id)


def test_books_that_came_back_from_an_older_copy_are_noticed_for_every_invoice(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    ids = [vos.order_id, *(make_order(vos.actor, vos.relation_id) for _ in range(3))]
    found = [press.approve(vos.deps, vos.actor, order_id).posting_id for order_id in ids]
    for number in numbers(sandbox):
        sandbox.remove_invoice("demo", number)
    for posting_id in found:
        assert posting_id is not None
        long_ago(posting_id)
        assert missing.read_back(vos.deps, vos.actor, posting_id) == states.GONE
    assert [item.state for item in attention.items()] == [states.GONE] * 4
    assert attention.count(vos.actor) == 4


def test_within_the_window_a_miss_says_nothing_and_is_not_asked_again(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.posting_id is not None
    sandbox.remove_invoice("demo", row_of(pressed.posting_id).number)
    before = len(sandbox.calls("demo", "GetFacturen"))
    for _ in range(3):
        assert missing.read_back(vos.deps, vos.actor, pressed.posting_id) == states.POSTED
    assert len(sandbox.calls("demo", "GetFacturen")) == before + 1
    long_ago(pressed.posting_id)
    assert missing.read_back(vos.deps, vos.actor, pressed.posting_id) == states.GONE


def test_what_is_gone_keeps_its_order_and_its_number_and_is_not_billed(
    vos: SimpleNamespace, gone: InvoicePosting
) -> None:
    assert gone.attempted_uncertain
    assert (state_of(gone.number), billed(vos)) == (states.HELD, billing.COLLECTING)
    with pytest.raises(Refusal):
        work_orders.move(vos.actor, vos.order_id, "reopen")
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.GONE


def test_it_goes_out_again_under_the_same_number_with_the_same_bytes(
    vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting
) -> None:
    payload, number = gone.payload, gone.number
    assert missing.send_again(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    row = row_of(gone.id)
    assert (row.payload, row.number, state_of(number)) == (payload, number, states.NUMBER_POSTED)
    assert numbers(sandbox) == [number]
    assert billed(vos) == billing.BILLED
    with pytest.raises(Refusal, match="niet"):
        missing.send_again(vos.deps, vos.actor, vos.order_id)
    assert numbers(sandbox) == [number]


def test_it_does_not_go_out_again_while_this_database_may_be_an_older_copy(
    vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting
) -> None:
    looking_back.expect_to_be_behind()
    with pytest.raises(Behind):
        missing.send_again(vos.deps, vos.actor, vos.order_id)
    assert sandbox.invoices("demo") == []


def test_what_came_back_meanwhile_is_not_sent_a_second_time(
    vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting
) -> None:
    sandbox.switches("demo", used_number="let_through")
    made_there(vos, gone, gone.number)
    assert missing.send_again(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert numbers(sandbox) == [gone.number]
    assert row_of(gone.id).remote_incl == gone.incl


def test_another_invoice_under_its_number_is_a_conflict(
    vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting
) -> None:
    made_there(vos, gone, gone.number)
    with write_transaction() as session:
        row = posting.locked(session, gone.id)
        row.payload = row.payload.replace('"price":"62', '"price":"63')
    assert missing.send_again(vos.deps, vos.actor, vos.order_id).state == states.CONFLICT
    assert numbers(sandbox) == [gone.number]


def test_renumbered_there_it_is_linked_and_never_resent(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = posted(vos)
    sandbox.remove_invoice("demo", row.number)
    made_there(vos, row, "F00077")
    assert missing.read_back(vos.deps, vos.actor, row.id) == states.POSTED
    row = row_of(row.id)
    assert (row.remote_number, row.remote_incl, row.note.key) == ("F00077", row.incl, "posting.renumbered")
    with pytest.raises(Refusal):
        missing.send_again(vos.deps, vos.actor, vos.order_id)
    assert numbers(sandbox) == ["F00077"]


def test_renumbered_after_it_was_called_gone_it_is_not_resent_either(
    vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting
) -> None:
    made_there(vos, gone, "F00078")
    assert missing.send_again(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert row_of(gone.id).remote_number == "F00078"
    assert numbers(sandbox) == ["F00078"]


def test_another_invoice_of_ours_that_reads_alike_is_not_taken_for_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = posted(vos)
    other_id = make_order(vos.actor, vos.relation_id)
    press.approve(vos.deps, vos.actor, other_id)
    other = press.present_posting(other_id)
    assert other is not None
    (lines,) = (one["Regels"] for one in sandbox.invoices("demo") if one["Factuurnummer"] == row.number)
    sandbox.edit_invoice("demo", other.number, Regels=lines)
    sandbox.remove_invoice("demo", row.number)
    assert missing.read_back(vos.deps, vos.actor, row.id) == states.GONE


def test_a_list_that_may_be_cut_off_proves_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = posted(vos)
    for n in range(101):
        made_there(vos, row, f"F1{n:04d}")
    sandbox.remove_invoice("demo", row.number)
    with write_transaction() as session:  # none of the hundred says that it bills this order
        kept = posting.locked(session, row.id)
        kept.payload = kept.payload.replace("Werkbon ", "Bon ")
    sandbox.switches("demo", invoice_cap=100, list_order="shuffled")
    assert missing.read_back(vos.deps, vos.actor, row.id) == states.POSTED
    assert row_of(row.id).note.key == "look_up.unsure"


@pytest.fixture
def busy_customer(vos: SimpleNamespace, sandbox: Sandbox) -> InvoicePosting:
    """An invoice, posted long ago, of a customer with three hundred others over two years; a list shows any hundred."""
    row = posted(vos)
    assert row.dated_on is not None
    foreign_invoices(sandbox, [row.dated_on + timedelta(days=n * 2 - 300) for n in range(300)])
    sandbox.switches("demo", invoice_cap=100, list_order="shuffled")
    return row


def lists_asked(sandbox: Sandbox) -> int:
    """How often their invoices were asked for."""
    return len(sandbox.calls("demo", "GetFacturen"))


def test_of_a_customer_with_more_invoices_than_a_list_shows_it_is_proved_in_parts(
    vos: SimpleNamespace, sandbox: Sandbox, busy_customer: InvoicePosting
) -> None:
    sandbox.remove_invoice("demo", busy_customer.number)
    before = lists_asked(sandbox)
    assert missing.read_back(vos.deps, vos.actor, busy_customer.id) == states.GONE
    assert lists_asked(sandbox) - before <= 1 + missing.MOST_LISTS


def test_and_where_it_is_under_another_number_it_is_found_in_a_part(
    vos: SimpleNamespace, sandbox: Sandbox, busy_customer: InvoicePosting
) -> None:
    assert busy_customer.dated_on is not None
    there = busy_customer.dated_on + timedelta(days=290)
    sandbox.edit_invoice("demo", busy_customer.number, Factuurnummer="F00077", Datum=there.isoformat())
    for _ in range(3):  # by luck a list of a hundred holds it, once in nine times for three lists
        assert missing.read_back(vos.deps, vos.actor, busy_customer.id) == states.POSTED
        assert row_of(busy_customer.id).remote_number == "F00077"
        with write_transaction() as session:
            again = posting.locked(session, busy_customer.id)
            again.remote_number, again.remote_incl, again.read_back_at = "", None, None


def test_where_the_parts_show_no_end_nothing_is_proved_in_so_many_calls(
    vos: SimpleNamespace, sandbox: Sandbox, busy_customer: InvoicePosting, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.remove_invoice("demo", busy_customer.number)
    monkeypatch.setattr(missing, "MOST_LISTS", 3)
    before = lists_asked(sandbox)
    assert missing.read_back(vos.deps, vos.actor, busy_customer.id) == states.POSTED
    assert row_of(busy_customer.id).note.key == "look_up.unsure"
    assert lists_asked(sandbox) - before == 4


def test_without_a_code_of_its_customer_nothing_is_proved(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = posted(vos)
    sandbox.remove_invoice("demo", row.number)
    with write_transaction() as session:
        kept = posting.locked(session, row.id)
        code = posting.thawed(vos.deps, row).relation_code
        kept.payload = kept.payload.replace(f'"{code}"', '""')
    assert missing.read_back(vos.deps, vos.actor, row.id) == states.POSTED
    assert row_of(row.id).note.key == "look_up.unsure"


def test_a_list_that_cannot_be_read_is_asked_for_in_halves(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    row = posted(vos)
    sandbox.remove_invoice("demo", row.number)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "truncated_xml", "skip": 1}])
    before = lists_asked(sandbox)
    assert missing.read_back(vos.deps, vos.actor, row.id) == states.GONE
    assert lists_asked(sandbox) - before == 4


def test_while_looking_fails_nothing_is_said_and_nothing_sent(
    vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting
) -> None:
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    with pytest.raises(Refusal, match="lukte niet"):
        missing.send_again(vos.deps, vos.actor, vos.order_id)
    assert row_of(gone.id).state == states.GONE
    assert numbers(sandbox) == []


def test_accepting_that_it_is_gone_asks_a_reason_and_makes_the_number_void(
    vos: SimpleNamespace, gone: InvoicePosting
) -> None:
    with pytest.raises(Refusal):
        press.give_up(vos.actor, vos.order_id, " ")
    missing.let_go(vos.deps, vos.actor, vos.order_id, "Klant betaalt contant")
    assert (row_of(gone.id).state, state_of(gone.number)) == (states.ABANDONED, states.VOID)
    assert billed(vos) == billing.NONE
    pressed = press.send(vos.deps, vos.actor, vos.order_id)
    assert pressed.posting_id is not None
    assert row_of(pressed.posting_id).number != gone.number


def test_what_is_there_again_is_not_let_go(vos: SimpleNamespace, sandbox: Sandbox, gone: InvoicePosting) -> None:
    made_there(vos, gone, gone.number)
    missing.let_go(vos.deps, vos.actor, vos.order_id, "Daar verwijderd")
    assert (row_of(gone.id).state, state_of(gone.number)) == (states.POSTED, states.NUMBER_POSTED)


def test_without_a_link_it_can_be_let_go_all_the_same(vos: SimpleNamespace, gone: InvoicePosting) -> None:
    connection.switch_feature(vos.actor, False)
    missing.let_go(vos.deps, vos.actor, vos.order_id, "Daar verwijderd")
    assert row_of(gone.id).state == states.ABANDONED
