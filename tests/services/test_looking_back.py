"""Our database came back from an older copy: no order is invoiced twice, and nobody is left without a way out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from domain import bulk as bulk_rules
from domain import posting as states
from domain.message import Refusal
from domain.notes import note
from gateways.bookkeeping import Credentials
from models import BulkJob, InvoiceNumber, InvoicePosting, Notice, Relation, Tenant, WorkOrder
from services import heartbeat
from services.invoicing import bulk, conflicts, looking_back, press, recovery
from services.invoicing.older_copy import Behind
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import line, make_order, numbered
from tests.support.older_copy import OlderCopy, approve, behind, billed, older_copy, orders, sent_and_forgotten, stands
from tests.support.sandbox_process import Sandbox

__all__ = ["older_copy"]

BOTH = pytest.mark.parametrize("used_number", ["refuse", "let_through"])


def test_with_used_numbers_refused_the_first_one_taken_by_ours_proves_it_and_all_are_taken_over(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    sent, others = sent_and_forgotten(vos, older_copy)
    names = billed(sandbox)

    assert approve(vos, others[0]) == states.ABANDONED  # it came upon WB-0001, which is that of the first order

    assert not behind(vos), "everything was recognised"
    assert db.session.scalars(select(Notice)).all() == [], "and nobody had to be told"
    assert billed(sandbox) == names
    assert [stands(order_id) for order_id in sent] == [("approved", "posted", numbered(n, "WB")) for n in range(1, 4)]
    assert press.send(vos.deps, vos.actor, others[0]).state == states.POSTED
    assert stands(others[0])[2] == numbered(4, "WB")
    assert approve(vos, others[1]) == states.POSTED
    assert len(billed(sandbox)) == len(set(billed(sandbox))) == 5


@BOTH
def test_after_a_restore_the_first_press_looks_back_whatever_order_is_pressed_first(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, used_number: str
) -> None:
    sandbox.switches("demo", used_number=used_number)
    sent, others = sent_and_forgotten(vos, older_copy)
    looking_back.expect_to_be_behind()
    before = len(sandbox.calls("demo", "GetFacturen"))

    assert approve(vos, others[0]) == states.POSTED

    assert len(sandbox.calls("demo", "GetFacturen")) == before + 1, "one call"
    assert stands(others[0])[2] == numbered(4, "WB")
    for order_id in sent:
        assert approve(vos, order_id) == "order.step_too_late"
    assert approve(vos, others[1]) == states.POSTED
    assert len(sandbox.calls("demo", "GetFacturen")) == before + 1, "the first press only"
    assert len(billed(sandbox)) == len(set(billed(sandbox))) == 5


@BOTH
def test_the_press_on_an_order_that_turns_out_to_be_invoiced_says_so_and_sends_nothing(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, used_number: str
) -> None:
    sandbox.switches("demo", used_number=used_number)
    sent, _others = sent_and_forgotten(vos, older_copy)
    looking_back.expect_to_be_behind()
    assert approve(vos, sent[2]) == "order.step_too_late"
    assert stands(sent[2]) == ("approved", "posted", numbered(3, "WB"))
    assert len(billed(sandbox)) == 3


def test_an_order_whose_customers_number_is_lost_with_the_copy_is_recognised_all_the_same(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    with write_transaction() as session:
        session.scalars(select(Relation).where(Relation.id == vos.relation_id)).one().asks_order_number = True
    (order_id,) = orders(vos, 1)
    older_copy.take()
    with write_transaction() as session:
        order = session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
        order.customer_order_number = "45, Werkbon 2026-0001, uitgevoerd 1-1-2020: x"
    assert approve(vos, order_id) == states.POSTED
    older_copy.put_back()
    looking_back.expect_to_be_behind()
    assert approve(vos, order_id) == "order.step_too_late"
    assert stands(order_id) == ("approved", "posted", numbered(1, "WB"))
    assert len(billed(sandbox)) == 1


def test_a_mark_that_comes_while_a_press_is_on_its_way_stops_it(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = vos.deps.bookkeeping.ready

    def meanwhile(credentials: Credentials) -> None:
        looking_back.expect_to_be_behind()
        ready(credentials)

    monkeypatch.setattr(vos.deps.bookkeeping, "ready", meanwhile)
    assert approve(vos, vos.order_id) == note("behind.look_first").key
    assert stands(vos.order_id) == ("done", "", "")
    assert sandbox.invoices("demo") == []


@BOTH
def test_bulk_looks_back_too(vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, used_number: str) -> None:
    sandbox.switches("demo", used_number=used_number)
    sent, others = sent_and_forgotten(vos, older_copy)
    if used_number == "let_through":
        looking_back.expect_to_be_behind()
    versions = dict(db.session.execute(select(WorkOrder.id, WorkOrder.version)).all())
    job = bulk.start(vos.deps, vos.actor, [(one, versions[one]) for one in [others[0], *reversed(sent), others[1]]])
    bulk.carry_out(vos.deps, vos.actor, job)

    assert all(stands(order_id)[:2] == ("approved", "posted") for order_id in sent)
    if stands(others[0])[1] != states.POSTED:  # its number turned out to be another's, so it waits for a press
        press.send(vos.deps, vos.actor, others[0])
    assert len(billed(sandbox)) == len(set(billed(sandbox))) == 5


def test_what_was_changed_since_the_copy_waits_for_a_person_and_nothing_is_sent(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    """The order of the copy has other lines than the invoice, so it is not that one's beyond doubt."""
    (order_id, other) = orders(vos, 2)
    older_copy.take()
    _change_a_price(vos, order_id)
    assert approve(vos, order_id) == states.POSTED
    older_copy.put_back()

    assert approve(vos, order_id) == states.CONFLICT
    assert behind(vos)
    assert db.session.scalars(select(Notice.kind)).all() == ["behind"], "told by mail"
    assert approve(vos, other) == "behind"
    with pytest.raises(Behind):
        bulk.start(vos.deps, vos.actor, [(other, 1)])
    seen = looking_back.seen(vos.deps, vos.actor)
    assert [(one.number, one.order.id) for one in seen.open if one.order] == [(numbered(1, "WB"), order_id)]

    looking_back.is_ours(vos.deps, vos.actor, numbered(1, "WB"), seen.open[0].named)
    assert not behind(vos)
    assert stands(order_id) == ("approved", "posted", numbered(1, "WB"))
    assert approve(vos, other) == states.POSTED
    assert stands(other)[2] == numbered(2, "WB")
    assert len(billed(sandbox)) == len(set(billed(sandbox))) == 2


def _change_a_price(vos: SimpleNamespace, order_id: UUID) -> None:
    from services.orders import work_orders
    from services.orders.work_orders import OrderInput

    order = db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
    given = OrderInput(title="Onderhoud", relation_id=vos.relation_id, executed_on=order.executed_on, lines=(line(),))
    work_orders.edit(vos.actor, order_id, given)


def test_an_order_made_since_the_copy_is_lost_and_its_invoice_is_given_to_one_or_to_nobody(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    older_copy.take()
    lost, also = orders(vos, 2)
    assert [approve(vos, one) for one in (lost, also)] == [states.POSTED] * 2
    older_copy.put_back()
    looking_back.expect_to_be_behind()

    assert approve(vos, vos.order_id) == "behind"
    assert behind(vos)
    assert len(looking_back.seen(vos.deps, vos.actor).open) == 2
    again = make_order(vos.actor, vos.relation_id, lines=(line(price=Decimal(1)),))
    for wrong in ("", "2020-0001"):
        with pytest.raises(Refusal):
            looking_back.is_ours(vos.deps, vos.actor, numbered(1, "WB"), wrong)
    number = db.session.scalars(select(WorkOrder.number).where(WorkOrder.id == again)).one()
    looking_back.is_ours(vos.deps, vos.actor, numbered(1, "WB"), number)
    with pytest.raises(Refusal):
        looking_back.is_not_ours(vos.deps, vos.actor, numbered(2, "WB"), "  ")
    assert behind(vos), "one is open"
    looking_back.is_not_ours(vos.deps, vos.actor, numbered(2, "WB"), "proef van de leverancier")

    assert not behind(vos)
    assert stands(again) == ("approved", "posted", numbered(1, "WB"))
    taken = db.session.scalars(select(InvoiceNumber).where(InvoiceNumber.number == numbered(2, "WB"))).one()
    assert (taken.state, str(taken.reason)) == (states.TAKEN, "proef van de leverancier")
    assert approve(vos, vos.order_id) == states.POSTED
    assert stands(vos.order_id)[2] == numbered(3, "WB")


def test_an_invoice_that_was_not_made_here_is_taken_recorded_and_passed_over(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    put_a_foreign_invoice(vos, numbered(1, "WB"))
    put_a_foreign_invoice(vos, numbered(2, "WB"), "Werkbon 2020-0001, uitgevoerd 1-1-2020: werk")
    put_a_foreign_invoice(vos, numbered(4, "WB"))
    assert approve(vos, vos.order_id) == states.POSTED
    assert stands(vos.order_id)[2] == numbered(3, "WB")
    assert not behind(vos)
    looking_back.expect_to_be_behind()
    (other,) = orders(vos, 1)
    before = len(sandbox.calls("demo", "AddFactuur"))
    assert approve(vos, other) == states.POSTED
    assert stands(other)[2] == numbered(5, "WB"), "known to be used before its turn came"
    assert len(sandbox.calls("demo", "AddFactuur")) == before + 1
    states_of = dict(db.session.execute(select(InvoiceNumber.number, InvoiceNumber.state)).all())
    assert [states_of[numbered(n, "WB")] for n in (1, 2, 4)] == [states.TAKEN] * 3


def test_the_invoice_of_one_of_ours_for_another_customer_proves_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    put_a_foreign_invoice(vos, numbered(1, "WB"), f"Werkbon {vos.order_number}, uitgevoerd 1-1-2026: werk", "1002")
    assert approve(vos, vos.order_id) == states.POSTED
    assert not behind(vos)


def test_when_it_cannot_look_nothing_is_sent_no_number_is_taken_and_it_is_said(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    looking_back.expect_to_be_behind()
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "http_500_fault"}])
    assert approve(vos, vos.order_id) == "behind.cannot_look"
    assert stands(vos.order_id) == ("done", "", "")
    assert db.session.scalars(select(InvoiceNumber)).all() == []
    assert sandbox.invoices("demo") == []
    sandbox.clear_mischief("demo")
    assert approve(vos, vos.order_id) == states.POSTED


def test_bulk_that_cannot_look_stops_and_leaves_its_orders_as_they_were(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    looking_back.expect_to_be_behind()
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "http_500_fault"}])
    version = db.session.scalars(select(WorkOrder.version).where(WorkOrder.id == vos.order_id)).one()
    job = bulk.start(vos.deps, vos.actor, [(vos.order_id, version)])
    bulk.carry_out(vos.deps, vos.actor, job)
    db.session.rollback()
    row = db.session.scalars(select(BulkJob).where(BulkJob.id == job)).one()
    assert (row.state, row.reason.key) == (bulk_rules.STOPPED, "behind.cannot_look")
    assert stands(vos.order_id) == ("done", "", "")


@BOTH
def test_recovery_looks_back_before_it_sends_again(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, leap: Callable[[timedelta], None], used_number: str
) -> None:
    """The copy holds an uncertain posting; since then its number turned out to be another's, and it went out anew."""
    sandbox.switches("demo", used_number=used_number)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_before", "times": 1}])
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    older_copy.take()
    put_a_foreign_invoice(vos, numbered(1, "WB"))
    leap(timedelta(minutes=10))
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id or uuid4()) == states.CONFLICT
    assert conflicts.take_next_number(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    sandbox.remove_invoice("demo", numbered(1, "WB"))
    older_copy.put_back()
    looking_back.expect_to_be_behind()

    assert recovery.check(vos.deps, vos.actor, pressed.posting_id or uuid4()) == states.UNCERTAIN
    assert len(sandbox.invoices("demo")) == 1
    assert behind(vos)

    looking_back.is_ours(vos.deps, vos.actor, numbered(2, "WB"), vos.order_number)
    assert not behind(vos)
    assert stands(vos.order_id) == ("approved", "posted", numbered(2, "WB"))


def test_a_number_of_a_conflict_that_is_another_order_of_ours_is_no_reason_for_the_next(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    first, second = orders(vos, 2)
    older_copy.take()
    assert approve(vos, first) == states.POSTED
    older_copy.put_back()
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "http_500_fault"}])
    assert approve(vos, second) == states.CONFLICT  # nobody could see what stands there
    sandbox.clear_mischief("demo")

    assert conflicts.take_next_number(vos.deps, vos.actor, second).state == states.CONFLICT
    assert behind(vos)
    assert len(sandbox.invoices("demo")) == 1
    assert looking_back.look_again(vos.deps, vos.actor) == 1
    assert not behind(vos)
    assert stands(first) == ("approved", "posted", numbered(1, "WB"))
    assert press.send(vos.deps, vos.actor, second).state == states.POSTED
    assert stands(second)[2] == numbered(2, "WB")


@BOTH
def test_a_copy_that_nobody_marked_is_known_by_its_signs_of_life(
    app: Flask, vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy, leap: Callable[[timedelta], None],
    used_number: str,
) -> None:  # fmt: skip
    sandbox.switches("demo", used_number=used_number)
    with app.app_context():
        heartbeat.beat(heartbeat.PORTAL, uuid4())
    looking_back.look_again(vos.deps, vos.actor)
    sent, others = orders(vos, 2), orders(vos, 1)
    older_copy.take()
    leap(timedelta(minutes=10))
    with app.app_context():
        heartbeat.beat(heartbeat.PORTAL, uuid4())
    for order_id in sent:
        assert approve(vos, order_id) == states.POSTED
    leap(timedelta(minutes=10))
    older_copy.put_back()
    over = heartbeat.keep_beating(heartbeat.PORTAL, app.app_context, timedelta(minutes=15))

    assert approve(vos, others[0]) == states.POSTED  # at once, so the press itself waits for the sign of life

    over.set()
    assert [stands(order_id)[1] for order_id in sent] == [states.POSTED] * 2
    assert len(billed(sandbox)) == len(set(billed(sandbox))) == 3
    assert db.session.scalars(select(Tenant.look_back_since).where(Tenant.slug == "vos")).one() is None


def test_the_relation_of_ours_is_the_one_of_the_order(vos: SimpleNamespace) -> None:
    """What the tests above go by: the customer's code over there."""
    assert db.session.scalars(select(Relation.code).where(Relation.id == vos.relation_id)).one() == "1001"
    assert db.session.scalars(select(InvoicePosting)).all() == []
