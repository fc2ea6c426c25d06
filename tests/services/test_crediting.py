"""The credit of an invoice: the same the other way round, once, and only then the order is billed anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from domain import billing, credit
from domain import posting as states
from domain import work_order as rules
from domain.message import Refusal, msg
from domain.payment import Paid
from domain.reconciliation import named_alike
from models import InvoicePosting, Payment, WorkOrder
from services.catalogue import relations
from services.invoicing import crediting, looking_back, missing, posting, press, recovery
from services.orders import attention, listing, taken_back, work_orders
from tenancy.database import db
from tests.services.test_customer_of_an_invoice import CODE, row_of, swap
from tests.services.test_gone import long_ago
from tests.support.cast import make_order
from tests.support.older_copy import OlderCopy, behind, older_copy
from tests.support.reconciled import held, told
from tests.support.sandbox_process import Sandbox

__all__ = ["older_copy"]

WHY = "Verkeerde klant"


@pytest.fixture
def sent(vos: SimpleNamespace, sandbox: Sandbox) -> SimpleNamespace:
    """Vos, with its order's invoice in the books."""
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    return vos


def refuse(sandbox: Sandbox, kind: str = "refuse", **more: Any) -> None:
    rule = {"operation": "AddFactuur", "kind": kind, "times": 1, **more}
    sandbox.mischief("demo", [rule | ({"code": "CFACT025", "text": "x"} if kind == "refuse" else {})])


def order(vos: SimpleNamespace) -> WorkOrder:
    db.session.expire_all()
    found = work_orders.get(vos.actor, vos.order_id)
    assert found is not None
    return found


def back(vos: SimpleNamespace) -> InvoicePosting:
    found = order(vos).credit
    assert found is not None
    return found


def test_it_stands_there_the_other_way_round_and_names_the_other(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    first = press.present_posting(sent.order_id)
    assert first is not None
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY).state == states.POSTED
    there, here = sandbox.invoices("demo")
    row = back(sent)
    assert (row.kind, row.corrects_id, row.number) == (states.CREDIT, first.id, here["Factuurnummer"])
    assert here["Factuurnummer"] != there["Factuurnummer"]
    assert [Decimal(line["Aantal"]) for line in here["Regels"]] == [
        -Decimal(line["Aantal"]) for line in there["Regels"]
    ]
    assert f"creditfactuur bij factuur {first.number} van " in here["Regels"][0]["Omschrijving"]
    assert here["Regels"][0]["Omschrijving"].startswith(f"Werkbon {order(sent).number}, ")
    assert here["Relatiecode"] == there["Relatiecode"]
    ours = posting.theirs(sent.deps, sent.actor, row.id)
    assert ours is not None
    assert (ours.excl, ours.vat, ours.incl) == (-first.excl, -first.vat, -first.incl) == (row.excl, row.vat, row.incl)


def test_nothing_is_credited_twice(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    once = crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, "nog eens") == once
    assert len(sandbox.invoices("demo")) == 2


@pytest.mark.parametrize("reason", ["", "  ", "\u200b"])
def test_it_wants_a_reason(sent: SimpleNamespace, sandbox: Sandbox, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        crediting.credit_order(sent.deps, sent.actor, sent.order_id, reason)
    assert refused.value.field == "reason"
    assert len(sandbox.invoices("demo")) == 1


def test_only_what_stands_there_is_credited(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with pytest.raises(Refusal):
        crediting.credit_order(vos.deps, vos.actor, vos.order_id, WHY)
    refuse(sandbox)
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.REFUSED
    with pytest.raises(Refusal):
        crediting.credit_order(vos.deps, vos.actor, vos.order_id, WHY)
    assert sandbox.invoices("demo") == []


def test_a_refused_one_waits_for_somebody_and_goes_out_again_under_its_number(
    sent: SimpleNamespace, sandbox: Sandbox
) -> None:
    refuse(sandbox)
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY).state == states.REFUSED
    (item,) = attention.items()
    assert (item.order.id, item.state) == (sent.order_id, states.REFUSED)
    assert order(sent).billing == billing.BILLED
    with pytest.raises(Refusal):
        work_orders.move(sent.actor, sent.order_id, "reopen")
    number = back(sent).number
    assert crediting.send_again(sent.deps, sent.actor, sent.order_id).state == states.POSTED
    assert [one["Factuurnummer"] for one in sandbox.invoices("demo")][1] == number


def test_one_that_is_let_go_leaves_the_invoice_as_it_was(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    refuse(sandbox)
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    crediting.give_up(sent.deps, sent.actor, sent.order_id, "toch goed")
    assert order(sent).credit is None
    assert (order(sent).billing, attention.items()) == (billing.BILLED, [])
    assert press.present_posting(sent.order_id) is not None
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY).state == states.POSTED


def test_one_whose_answer_was_lost_is_looked_up_and_never_sent_again(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    refuse(sandbox, "reset_after")
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY).state == states.UNCERTAIN
    assert crediting.send_again(sent.deps, sent.actor, sent.order_id).state == states.UNCERTAIN
    with pytest.raises(Refusal):
        work_orders.move(sent.actor, sent.order_id, "reopen")
    assert recovery.check(sent.deps, sent.actor, back(sent).id) == states.POSTED
    assert len(sandbox.invoices("demo")) == 2
    assert order(sent).billing == billing.NONE


def test_once_it_is_there_the_order_is_mended_and_billed_anew(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    (item,) = attention.items()
    assert (item.order.id, item.state) == (sent.order_id, "credited")
    work_orders.move(sent.actor, sent.order_id, "reopen")
    mended = order(sent)
    assert (mended.state, mended.billing, mended.live_posting, mended.credit) == (rules.DONE, billing.NONE, None, None)
    assert not work_orders.is_locked(db.session(), sent.order_id)
    assert press.approve(sent.deps, sent.actor, sent.order_id).state == states.POSTED
    first, credited, anew = sandbox.invoices("demo")
    assert first["Regels"] == anew["Regels"]
    ((one, two),) = press.billed_earlier(order(sent))
    assert (one.number, two.number) == (first["Factuurnummer"], credited["Factuurnummer"])
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY).state == states.POSTED
    assert len(sandbox.invoices("demo")) == 4


def test_or_it_is_billed_no_more(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    work_orders.set_billable(sent.actor, sent.order_id, "garantie")
    left = order(sent)
    assert (left.state, left.billing, left.live_posting) == (rules.APPROVED, billing.NOT_BILLABLE, None)
    assert attention.items() == []
    assert len(sandbox.invoices("demo")) == 2


def test_while_it_is_not_there_the_invoice_keeps_the_order(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    refuse(sandbox)
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    with pytest.raises(Refusal):
        work_orders.set_billable(sent.actor, sent.order_id, "garantie")
    assert order(sent).billing == billing.BILLED


def test_the_credit_of_an_invoice_that_was_let_go_is_not_that_of_the_next_one(
    sent: SimpleNamespace, sandbox: Sandbox
) -> None:
    first = press.present_posting(sent.order_id)
    assert first is not None
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    long_ago(first.id)
    sandbox.remove_invoice("demo", first.number)
    assert missing.read_back(sent.deps, sent.actor, first.id) == states.GONE
    missing.let_go(sent.deps, sent.actor, sent.order_id, "daar verwijderd")
    assert press.send(sent.deps, sent.actor, sent.order_id).state == states.POSTED
    anew = order(sent)
    assert (anew.billing, anew.credit, anew.is_credited) == (billing.BILLED, None, False)
    assert crediting.present_credit(sent.order_id) is None
    with pytest.raises(Refusal):
        work_orders.move(sent.actor, sent.order_id, "reopen")
    assert attention.items() == []


def test_it_is_found_by_each_number_that_it_had(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    taken_back.take_back(sent.deps, sent.actor, sent.order_id, WHY, taken_back.MEND)
    assert press.approve(sent.deps, sent.actor, sent.order_id).state == states.POSTED
    for invoice in sandbox.invoices("demo"):
        found = listing.list_(sent.actor, listing.Filter(text=invoice["Factuurnummer"])).rows
        assert [row.id for row in found] == [sent.order_id]


def test_what_follows_is_asked_on_the_page_when_it_cannot_be_done(
    sent: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_it(*_args: object) -> None:
        raise Refusal(msg("Uw rol mag deze stap niet zetten."))

    monkeypatch.setattr(work_orders, "move", refuse_it)
    taken_back.take_back(sent.deps, sent.actor, sent.order_id, WHY, taken_back.MEND)
    assert (order(sent).state, order(sent).is_credited) == (rules.APPROVED, True)


@pytest.mark.times(customer_seen=timedelta(0))  # nobody counts as seen for longer than an instant
def test_where_the_code_is_somebody_elses_there_is_one_way_out(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    relations.sync(vos.deps, vos.actor)
    order_id = make_order(vos.actor, row_of(CODE).id)
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
    swap(sandbox)
    with pytest.raises(Refusal, match="maak de creditfactuur daar"):
        crediting.credit_order(vos.deps, vos.actor, order_id, WHY)
    assert len(sandbox.invoices("demo")) == 1


def test_nobody_bills_an_order_by_the_credit_of_another(
    sent: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    other = work_orders.get(sent.actor, make_order(sent.actor, sent.relation_id))
    assert other is not None
    other_number = other.number
    older_copy.take()
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    credited = sandbox.invoices("demo")[1]["Factuurnummer"]
    older_copy.put_back()
    looking_back.expect_to_be_behind()
    with pytest.raises(Refusal, match="creditfactuur bij") as refused:
        looking_back.is_ours(sent.deps, sent.actor, credited, other_number)
    assert refused.value.field == "order"
    looking_back.is_ours(sent.deps, sent.actor, credited, order(sent).number)
    assert back(sent).number == credited


def test_an_older_copy_takes_the_credit_over_that_was_made_since(
    sent: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    older_copy.take()
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    older_copy.put_back()
    assert order(sent).credit is None
    looking_back.expect_to_be_behind()
    assert crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY).state == states.POSTED
    assert not behind(sent)
    assert len(sandbox.invoices("demo")) == 2, "it is the one that stands there"
    assert (back(sent).state, order(sent).billing) == (states.POSTED, billing.NONE)


def test_an_older_copy_takes_invoice_credit_and_what_was_billed_anew_over(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    older_copy.take()
    press.approve(vos.deps, vos.actor, vos.order_id)
    crediting.credit_order(vos.deps, vos.actor, vos.order_id, WHY)
    work_orders.move(vos.actor, vos.order_id, "reopen")
    press.approve(vos.deps, vos.actor, vos.order_id)
    names = [one["Factuurnummer"] for one in sandbox.invoices("demo")]
    older_copy.put_back()
    looking_back.expect_to_be_behind()
    for _look in range(2):
        looking_back.look_again(vos.deps, vos.actor)
    assert not behind(vos)
    assert [one["Factuurnummer"] for one in sandbox.invoices("demo")] == names
    live = press.present_posting(vos.order_id)
    assert live is not None
    assert (live.number, order(vos).billing) == (names[2], billing.BILLED)
    assert [(one.number, two.number) for one, two in press.billed_earlier(order(vos))] == [(names[0], names[1])]


def test_it_is_no_invoice_of_its_order_that_went_elsewhere(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    """Searched for among those of its customer, the invoice is not taken for its own credit."""
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    first = press.present_posting(sent.order_id)
    assert first is not None
    theirs = posting.theirs(sent.deps, sent.actor, back(sent).id)
    assert theirs is not None
    assert not named_alike(posting.thawed(sent.deps, first), theirs)
    assert credit.credits(theirs) == first.number


def test_the_books_agree_and_the_two_are_to_be_settled(sent: SimpleNamespace, sandbox: Sandbox) -> None:
    first = press.present_posting(sent.order_id)
    assert first is not None
    crediting.credit_order(sent.deps, sent.actor, sent.order_id, WHY)
    credited = back(sent)
    for row in (first, credited):
        sandbox.with_invoice("demo", row.number, "book")
    run = held(sent)
    assert (run.equal, run.changed, run.missing, run.unknown) == (2, 0, 0, 0)
    assert told() == []
    kept = {row.posting_id: row.state for row in db.session.scalars(select(Payment))}
    assert kept == {first.id: Paid.SETTLE, credited.id: Paid.SETTLE}
