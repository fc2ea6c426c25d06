"""What a posting claims of which orders: the rules, and the keys that hold them when nobody asks the rules."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import billing
from domain import posting as states
from domain.billing import Share
from models import BillingClaim, InvoicePosting, WorkOrder
from services.invoicing import claims, numbers, posting, press
from services.orders import attention, work_orders
from services.orders.work_orders import OrderInput
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.support.sandbox_process import Sandbox

FIRST, SECOND = Share(1, 2), Share(2, 2)


@pytest.fixture
def two(vos: SimpleNamespace) -> list[UUID]:
    """Two orders of Vos, in the order of their ids."""
    return sorted(work_orders.create(vos.actor, OrderInput(title=title)) for title in ("Een", "Twee"))


def bill(
    session: Session, ids: list[UUID], share: Share = claims.THE_WHOLE, state: str = states.POSTED
) -> InvoicePosting:
    """A posting in a state that bills this share of these orders."""
    row = posting.new_posting(session, numbers.reserve_invoice_number(session, today(session), 1), 1)
    row.state = state
    session.add(row)
    session.flush()
    claims.claim(session, row, claims.lock_orders(session, dict.fromkeys(ids)), share)
    return row


def told(order_id: UUID) -> str:
    """How far an order is billed."""
    return db.session.scalars(select(WorkOrder.billing).where(WorkOrder.id == order_id)).one()


def test_a_press_claims_the_whole_and_says_how_far_the_order_is(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    assert told(vos.order_id) == billing.NONE
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
    press.approve(vos.deps, vos.actor, vos.order_id)
    assert told(vos.order_id) == billing.COLLECTING
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert told(vos.order_id) == billing.BILLED


def test_giving_up_frees_every_order_that_was_billed_along(vos: SimpleNamespace, two: list[UUID]) -> None:
    with write_transaction() as session:
        bill(session, two, state=states.REFUSED)
    assert [told(one) for one in two] == [billing.COLLECTING] * 2
    press.give_up(vos.actor, two[1], "toch niet samen")
    assert [told(one) for one in two] == [billing.NONE] * 2
    with write_transaction() as session:
        bill(session, two[:1])
    assert [told(one) for one in two] == [billing.BILLED, billing.NONE]


def test_orders_are_locked_by_id_and_one_that_changed_stops_them_all(two: list[UUID]) -> None:
    with write_transaction() as session:
        assert [order.id for order in claims.lock_orders(session, {two[1]: 1, two[0]: None})] == two
    with pytest.raises(claims.Changed), write_transaction() as session:
        claims.lock_orders(session, {two[0]: 1, two[1]: 7})
    with pytest.raises(LookupError), write_transaction() as session:
        claims.lock_orders(session, {two[0]: 1, UUID(int=9): 1})


def test_whole_and_terms_never_meet_nor_does_a_share_twice(two: list[UUID]) -> None:
    with write_transaction() as session:
        bill(session, two[:1])
        bill(session, two[1:], FIRST)
    assert [told(one) for one in two] == [billing.BILLED, billing.PARTLY]
    for which, share in ((0, claims.THE_WHOLE), (0, FIRST), (1, claims.THE_WHOLE), (1, FIRST), (1, Share(2, 3))):
        with pytest.raises(claims.Claimed), write_transaction() as session:
            bill(session, [two[which]], share)
    with write_transaction() as session:
        bill(session, two[1:], SECOND)
    assert told(two[1]) == billing.BILLED


@pytest.mark.parametrize("then", [claims.THE_WHOLE, FIRST])
@pytest.mark.parametrize("first", [claims.THE_WHOLE, FIRST])
def test_a_key_refuses_a_share_twice_and_the_whole_beside_a_term_when_nobody_asks_the_rules(
    two: list[UUID], first: Share, then: Share
) -> None:
    with write_transaction() as session:
        bill(session, two[:1], first)
    with (
        mock.patch("domain.billing.may_claim", return_value=True),
        pytest.raises(IntegrityError),
        write_transaction() as session,
    ):
        bill(session, two[:1], then)


def test_a_claim_cannot_pass_for_one_of_another_manner(two: list[UUID]) -> None:
    with write_transaction() as session:
        bill(session, two[:1])
    with pytest.raises(IntegrityError), write_transaction() as session:
        session.scalars(select(BillingClaim).where(BillingClaim.order_id == two[0])).one().share = "term:1"


@pytest.mark.parametrize("wrong", ["a credit of nothing", "an invoice that corrects"])
def test_a_credit_corrects_and_an_invoice_does_not(two: list[UUID], wrong: str) -> None:
    with write_transaction() as session:
        row_id = bill(session, two[:1]).id
    change = ("kind", states.CREDIT) if wrong == "a credit of nothing" else ("corrects_id", row_id)
    with pytest.raises(IntegrityError), write_transaction() as session:
        setattr(posting.locked(session, row_id), *change)


def test_a_posting_that_grew_takes_the_orders_along_that_came_under_it(vos: SimpleNamespace, two: list[UUID]) -> None:
    with write_transaction() as session:
        row = bill(session, two, state=states.REFUSED)
        with mock.patch.object(session, "scalars", wraps=session.scalars) as asked:
            claims.release(session, row)
    (orders,) = (call.args[0] for call in asked.call_args_list if "FROM work_order" in str(call.args[0]))
    assert "FOR UPDATE" in str(orders), "who locked one of them may not have seen the other"


def test_a_posting_that_grew_since_its_orders_were_locked_has_all_of_them_locked(
    vos: SimpleNamespace, two: list[UUID]
) -> None:
    with write_transaction() as session, session.no_autoflush:
        row = bill(session, two, state=states.SENDING)
        held = claims.lock_orders(session, {two[0]: None})
        row.state = states.POSTED
        with mock.patch.object(session, "scalars", wraps=session.scalars) as asked:
            claims.retell_of(session, row, held)
    assert ["FOR UPDATE" in str(call.args[0]) for call in asked.call_args_list] == [True]
    assert [told(one) for one in two] == [billing.BILLED] * 2


def test_that_an_invoice_arrived_is_not_told_of_one_order_when_it_bills_two(two: list[UUID]) -> None:
    with write_transaction() as session:
        row = bill(session, two[:1], state=states.SENDING)
        assert claims.tell_posted(session, two[0], row.id)
        session.rollback()
    with write_transaction() as session:
        row = bill(session, two, state=states.SENDING)
        assert not claims.tell_posted(session, two[0], row.id)
    assert [told(one) for one in two] == [billing.COLLECTING] * 2


def test_an_order_that_came_to_be_billed_with_another_since_it_was_locked_stops_the_press(two: list[UUID]) -> None:
    query = select(WorkOrder.id).where(WorkOrder.id == two[0])
    with write_transaction() as session:
        held = claims.lock_with_its_company(session, two[0])
        bill(session, two, state=states.REFUSED)
        with pytest.raises(claims.Changed):
            claims.with_rounds(session, query, held)
        held = claims.lock_with_its_company(session, two[0])
        assert held == two
        assert [order_id for order_id, _here in claims.with_rounds(session, query, held)] == two[:1]


def test_the_next_round_waits_for_the_credit_to_stand_there(two: list[UUID]) -> None:
    with write_transaction() as session:
        invoice = bill(session, two[:1])
        credit = bill(session, two[:1], Share(credits=invoice.id), states.UNCERTAIN)
        assert (invoice.kind, invoice.corrects_id) == (states.INVOICE, None)
        assert (credit.kind, credit.corrects_id) == (states.CREDIT, invoice.id)
        invoice_id, credit_id = invoice.id, credit.id
    for state, opens in ((states.UNCERTAIN, False), (states.REFUSED, False), (states.POSTED, True)):
        with write_transaction() as session:
            (order,) = claims.lock_orders(session, {two[0]: None})
            row = posting.locked(session, credit_id)
            row.state = state
            claims.retell_of(session, row)
            if opens:
                assert order.billing == billing.NONE
                assert claims.leave_what_was_credited(session, order)
                bill(session, two[:1], FIRST)
            else:
                assert not claims.leave_what_was_credited(session, order)
    assert told(two[0]) == billing.PARTLY
    live = claims.live_posting(db.session(), two[0])
    assert live is None, "the invoice of the round before bills nothing of this one"
    assert invoice_id != credit_id


def test_attention_finds_what_waits_by_how_far_it_is_billed_and_counts_to_a_hundred(
    vos: SimpleNamespace, two: list[UUID]
) -> None:
    before = attention.count(vos.actor)
    with write_transaction() as session:
        for order in claims.lock_orders(session, dict.fromkeys(two)):
            order.state = "approved"
    assert attention.count(vos.actor) == before + 2
    with write_transaction() as session:
        bill(session, two[:1])
        bill(session, two[1:], state=states.REFUSED)
    assert attention.count(vos.actor) == before + 1
    assert [item.state for item in attention.items() if item.order.id in two] == [states.REFUSED]
    with mock.patch.object(attention, "COUNTED", before + 1):
        assert attention.count(vos.actor) == before + 1
