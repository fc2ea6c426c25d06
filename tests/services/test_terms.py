"""An order in terms: a deposit and a second one by a press, and the last is the rest, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from domain import billing, terms
from domain import posting as states
from domain.meanwhile import Opened
from domain.message import Refusal
from domain.terms import Plan, Term
from models import BillingTerm, InvoicePosting, WorkOrder
from services.invoicing import bulk_preview, crediting, in_terms, looking_back, press, recovery
from services.invoicing.claims import Changed
from services.orders import agreement, attention, work_orders
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import line, make_order, process
from tests.support.older_copy import OlderCopy, behind, older_copy
from tests.support.presses import at_once
from tests.support.sandbox_process import Sandbox
from tests.support.statements import counted

__all__ = ["older_copy"]

LOST = {"operation": "AddFactuur", "kind": "reset_after", "times": 1}
REFUSED = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x", "times": 1}
DEPOSIT, START = Term("Aanbetaling", Decimal(30)), Term("Bij start", None, Decimal("333.33"))


@pytest.fixture
def job(vos: SimpleNamespace) -> UUID:
    """A planned job of € 1.000,00 at 21 % and 9 %, agreed in a deposit of 30 %, € 333,33 at the start and the rest."""
    made = make_order(
        vos.actor, vos.relation_id, "draft", customer_order_number="PO-7", location_id=vos.location_id,
        lines=(
            line(quantity=Decimal(1), price=Decimal("666.67")),
            line(quantity=Decimal(1), price=Decimal("333.33"), vat_code="low", kind="article"),
        ),
    )  # fmt: skip
    agreement.agree(vos.actor, made, Plan(Decimal(1000), (DEPOSIT, START)))
    return made


def stands(order_id: UUID) -> WorkOrder:
    db.session.rollback()
    return db.session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()


def finished(vos: SimpleNamespace, order_id: UUID) -> None:
    work_orders.move(vos.actor, order_id, "finish")


def texts(sandbox: Sandbox, place: int) -> list[str]:
    return [one["Omschrijving"] for one in sandbox.invoices("demo")[place]["Regels"]]


def excl(sandbox: Sandbox) -> list[Decimal]:
    """What each invoice in the books comes to, without VAT."""
    return [Decimal(one["TotaalExclBTW"]) for one in sandbox.invoices("demo")]


def numbers(sandbox: Sandbox) -> list[str]:
    return [one["Factuurnummer"] for one in sandbox.invoices("demo")]


def test_a_deposit_a_term_and_the_rest_come_to_the_order_to_the_cent(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID
) -> None:
    number = stands(job).number
    assert in_terms.send(vos.deps, vos.actor, job, 1).state == states.POSTED
    assert stands(job).billing == billing.PARTLY
    work_orders.edit(vos.actor, job, _with_more_work(job))  # it stays open while terms are out
    agreement.agree(vos.actor, job, Plan(Decimal(1000), (DEPOSIT, START)))
    assert in_terms.send(vos.deps, vos.actor, job, 2).state == states.POSTED
    finished(vos, job)
    with pytest.raises(press.Asked) as caught:
        press.approve(vos.deps, vos.actor, job)
    (question,) = caught.value.questions
    assert (question.subject, question.value) == ("agreed", Decimal("1010.00"))
    assert press.approve(vos.deps, vos.actor, job, yes=[question.answer]).state == states.POSTED
    assert stands(job).billing == billing.BILLED
    assert excl(sandbox) == [Decimal("300.00"), Decimal("333.33"), Decimal("376.67")]
    first = f"Werkbon {number}, uw ordernummer PO-7, termijn 1 van 3 (30% van € 1.000,00), Dorpsstraat 1, Waterveen"
    assert texts(sandbox, 0) == [f"{first}: Aanbetaling", "Aanbetaling"]
    one, two, _last = numbers(sandbox)
    day = date.fromisoformat(sandbox.invoices("demo")[0]["Datum"][:10])
    told = f"van {day.day}-{day.month}-{day.year}"
    assert texts(sandbox, 2)[-4:] == [
        f"Al gefactureerd: termijn 1, factuur {one} {told}", f"Al gefactureerd: termijn 1, factuur {one} {told}",
        f"Al gefactureerd: termijn 2, factuur {two} {told}", f"Al gefactureerd: termijn 2, factuur {two} {told}",
    ]  # fmt: skip
    by_code: dict[str, Decimal] = {}
    for there in sandbox.invoices("demo"):
        for row in there["Regels"]:
            amount = Decimal(row["Aantal"]) * Decimal(row["PrijsPerEenheid"])
            by_code[row["BTWCode"]] = by_code.get(row["BTWCode"], Decimal(0)) + amount
    assert by_code == {"HOOG_VERK_21": Decimal("676.67"), "LAAG_VERK_9": Decimal("333.33")}


def _with_more_work(order_id: UUID) -> Any:
    db.session.rollback()
    order = work_orders.get(process("vos"), order_id)
    assert order is not None
    typed = work_orders.stands(order)
    more = line(quantity=Decimal(1), price=Decimal(10), description="Meerwerk")
    return typed.__class__(**{**typed.__dict__, "lines": (*typed.lines, more)})


def test_a_term_that_was_not_sent_is_in_the_rest(vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    in_terms.send(vos.deps, vos.actor, job, 1)
    finished(vos, job)
    assert press.approve(vos.deps, vos.actor, job).state == states.POSTED
    assert excl(sandbox) == [Decimal("300.00"), Decimal("700.00")]
    with pytest.raises(Refusal):
        in_terms.send(vos.deps, vos.actor, job, 2)
    with pytest.raises(Refusal):
        agreement.agree(vos.actor, job, Plan(Decimal(1000), (DEPOSIT,)))
    assert len(excl(sandbox)) == 2


def test_the_last_waits_for_a_term_of_which_nobody_knows(vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    sandbox.mischief("demo", [LOST])
    pressed = in_terms.send(vos.deps, vos.actor, job, 1)
    assert pressed.state == states.UNCERTAIN
    finished(vos, job)
    with pytest.raises(Refusal, match="nog een termijn"):
        press.approve(vos.deps, vos.actor, job)
    assert in_terms.send(vos.deps, vos.actor, job, 1).state == states.UNCERTAIN  # never sent twice
    assert pressed.posting_id is not None
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id, asked=True) == states.POSTED
    assert press.approve(vos.deps, vos.actor, job).state == states.POSTED
    assert excl(sandbox) == [Decimal("300.00"), Decimal("700.00")]


def test_a_refused_term_is_sent_again_or_let_go(vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    sandbox.mischief("demo", [REFUSED])
    assert in_terms.send(vos.deps, vos.actor, job, 1).state == states.REFUSED
    assert [item.order.id for item in attention.items()] == [job]
    assert stands(job).billing == billing.COLLECTING
    assert in_terms.send(vos.deps, vos.actor, job, 1).state == states.POSTED
    sandbox.mischief("demo", [REFUSED])
    in_terms.send(vos.deps, vos.actor, job, 2)
    in_terms.give_up(vos.deps, vos.actor, job, "samen met de rest", 2)
    agreement.agree(vos.actor, job, Plan(Decimal(1000), (DEPOSIT,)))
    finished(vos, job)
    assert press.approve(vos.deps, vos.actor, job).state == states.POSTED
    assert excl(sandbox) == [Decimal("300.00"), Decimal("700.00")]


def test_two_who_press_at_once_send_one_term(app: Flask, vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    def press_it() -> str:
        return in_terms.send(vos.deps, process("vos"), job, 1).state

    found = at_once(app, *[press_it] * 4)
    process("vos")
    assert set(found) <= {states.POSTED, states.SENDING}
    assert excl(sandbox) == [Decimal("300.00")]


def test_each_is_credited_by_itself_the_last_one_first(vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    in_terms.send(vos.deps, vos.actor, job, 1)
    finished(vos, job)
    press.approve(vos.deps, vos.actor, job)
    with pytest.raises(Refusal, match="laatste termijn"):
        crediting.credit_order(vos.deps, vos.actor, job, "verkeerd", 1)
    assert crediting.credit_order(vos.deps, vos.actor, job, "verkeerd").state == states.POSTED
    assert stands(job).billing == billing.PARTLY
    assert [item.order.id for item in attention.items()] == [job]  # what becomes of it waits for somebody
    with pytest.raises(Refusal):
        work_orders.move(vos.actor, job, "reopen")
    assert crediting.credit_order(vos.deps, vos.actor, job, "verkeerd", 1).state == states.POSTED
    assert sum(excl(sandbox)) == 0
    work_orders.move(vos.actor, job, "reopen")
    assert (stands(job).billing, stands(job).billing_round) == (billing.NONE, 2)
    assert in_terms.send(vos.deps, vos.actor, job, 1).state == states.POSTED  # the next round
    assert press.approve(vos.deps, vos.actor, job).state == states.POSTED
    assert sum(excl(sandbox)) == 1000


def test_a_term_that_is_credited_is_in_the_rest(vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    in_terms.send(vos.deps, vos.actor, job, 1)
    sandbox.mischief("demo", [REFUSED])
    assert crediting.credit_order(vos.deps, vos.actor, job, "te vroeg", 1).state == states.REFUSED
    finished(vos, job)
    with pytest.raises(Refusal, match="nog een termijn"):
        press.approve(vos.deps, vos.actor, job)
    assert in_terms.send_credit(vos.deps, vos.actor, job, 1).state == states.POSTED
    assert press.approve(vos.deps, vos.actor, job).state == states.POSTED
    assert excl(sandbox) == [Decimal(300), Decimal(-300), Decimal(1000)]


def test_while_a_term_stands_the_order_keeps_its_customer_and_is_neither_cancelled_nor_given_away(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID
) -> None:
    in_terms.send(vos.deps, vos.actor, job, 1)
    with pytest.raises(Refusal, match="Crediteer"):
        work_orders.move(vos.actor, job, "cancel")
    with pytest.raises(Refusal):
        work_orders.set_billable(vos.actor, job, "garantie")
    order = work_orders.get(vos.actor, job)
    assert order is not None
    typed = work_orders.stands(order)
    with pytest.raises(Refusal, match="klant") as caught:
        work_orders.edit(
            vos.actor, job, typed.__class__(**{**typed.__dict__, "relation_id": None, "location_id": None})
        )
    assert caught.value.field == "relation_id"
    for changed in (None, Plan(Decimal(2000), (DEPOSIT, START)), Plan(Decimal(1000), (START,))):
        with pytest.raises(Refusal, match="al gefactureerd"):
            agreement.agree(vos.actor, job, changed)
    with pytest.raises(Changed):
        agreement.agree(vos.actor, job, Plan(Decimal(1000), (DEPOSIT,)), Opened.on(agreement.stands(None)))


def test_what_is_left_of_a_checked_order_waits_for_its_invoice(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID
) -> None:
    in_terms.send(vos.deps, vos.actor, job, 1)
    finished(vos, job)
    sandbox.mischief("demo", [REFUSED])
    assert press.approve(vos.deps, vos.actor, job).state == states.REFUSED
    press.give_up(vos.actor, job, "nog niet")
    assert [item.state for item in attention.items()] == ["not_invoiced"]
    assert attention.counted(vos.actor).attention == 1
    assert press.send(vos.deps, vos.actor, job).state == states.POSTED
    assert attention.items() == []


def test_it_goes_on_no_invoice_with_others_and_in_bulk_as_what_is_left(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID
) -> None:
    in_terms.send(vos.deps, vos.actor, job, 1)
    finished(vos, job)
    other = make_order(vos.actor, vos.relation_id)
    look = bulk_preview.look(vos.deps, [job, other])
    assert look.offers == ()
    assert look.total.excl == Decimal("825.00")
    with pytest.raises(Refusal, match="in termijnen"):
        press.approve_together(vos.deps, vos.actor, {one: stands(one).version for one in (job, other)})
    assert len(excl(sandbox)) == 1


def test_many_orders_in_terms_are_looked_at_by_as_many_statements_as_one(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID
) -> None:
    orders = [job, *(make_order(vos.actor, vos.relation_id, "draft") for _n in range(4))]
    for order_id in orders[1:]:
        agreement.agree(vos.actor, order_id, Plan(Decimal(125), (DEPOSIT,)))
    for order_id in orders:
        assert in_terms.send(vos.deps, vos.actor, order_id, 1).state == states.POSTED
        finished(vos, order_id)
    db.session.remove()
    process("vos")
    with counted() as one:
        bulk_preview.look(vos.deps, orders[:1])
    db.session.remove()
    process("vos")
    with counted() as all_:
        look = bulk_preview.look(vos.deps, orders)
    assert len(look.ready) == len(orders)
    assert len(all_) == len(one)


def test_terms_may_be_withdrawn_while_none_was_sent(vos: SimpleNamespace, sandbox: Sandbox, job: UUID) -> None:
    agreement.agree(vos.actor, job, None, Opened.on(agreement.stands(agreement.plan_of(job))))
    assert db.session.scalars(select(BillingTerm)).all() == []
    with pytest.raises(Refusal):
        in_terms.send(vos.deps, vos.actor, job, 1)
    finished(vos, job)
    press.approve(vos.deps, vos.actor, job)
    assert excl(sandbox) == [Decimal(1000)]


def test_a_gone_term_that_the_last_one_subtracts_is_not_let_go(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID
) -> None:
    pressed = in_terms.send(vos.deps, vos.actor, job, 1)
    finished(vos, job)
    press.approve(vos.deps, vos.actor, job)
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting).where(InvoicePosting.id == pressed.posting_id)).one()
        row.state = states.CONFLICT
    with pytest.raises(Refusal, match="trekt deze factuur af"):
        in_terms.give_up(vos.deps, vos.actor, job, "weg", 1)


def test_after_a_restore_each_is_known_for_the_term_that_it_is(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID, older_copy: OlderCopy
) -> None:
    older_copy.take()
    in_terms.send(vos.deps, vos.actor, job, 1)
    in_terms.send(vos.deps, vos.actor, job, 2)
    finished(vos, job)
    press.approve(vos.deps, vos.actor, job)
    older_copy.put_back()
    assert in_terms.send(vos.deps, vos.actor, job, 1).state == states.POSTED  # it stands there already
    assert len(excl(sandbox)) == 3
    assert (stands(job).billing, behind(vos)) == (billing.BILLED, False)
    assert sorted(agreement.claims.terms_of(db.session(), [job])[job]) == [1, 2]


def test_a_term_that_is_not_agreed_here_waits_for_somebody(
    vos: SimpleNamespace, sandbox: Sandbox, job: UUID, older_copy: OlderCopy
) -> None:
    agreement.agree(vos.actor, job, None)
    older_copy.take()
    agreement.agree(vos.actor, job, Plan(Decimal(1000), (DEPOSIT,)))
    in_terms.send(vos.deps, vos.actor, job, 1)
    older_copy.put_back()
    (number,) = numbers(sandbox)
    looking_back.look_again(vos.deps, vos.actor)
    assert behind(vos)
    ours = stands(job).number
    with pytest.raises(Refusal, match="vast bij de bon"):
        looking_back.is_ours(vos.deps, vos.actor, number, ours)
    agreement.agree(vos.actor, job, Plan(Decimal(900), (DEPOSIT,)))
    looking_back.is_ours(vos.deps, vos.actor, number, ours)
    assert not behind(vos)
    assert stands(job).billing == billing.PARTLY
    assert terms.Share(1, 2).key == "term:1"
