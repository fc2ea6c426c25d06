"""Several orders of one customer on one invoice: sent once for all, and what becomes of it is theirs together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import billing
from domain import posting as states
from domain import work_order as order_rules
from domain.message import Refusal
from models import Connection, InvoicePosting, Relation, WorkOrder
from services.invoicing import bulk, bulk_preview, bulk_together, claims, crediting, looking_back, press, recovery
from services.invoicing import posting as postings
from services.invoicing.claims import Changed
from services.orders import attention, work_orders
from services.orders.work_orders import OrderInput
from services.transaction import write_transaction
from tenancy.database import db
from tests.support.cast import line, make_order
from tests.support.older_copy import OlderCopy, behind, older_copy, stands
from tests.support.sandbox_process import Sandbox

__all__ = ["older_copy"]

# no answer to AddFactuur: it arrived, and nobody heard so
LOST = {"operation": "AddFactuur", "kind": "reset_after", "times": 1}
REFUSED = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x", "times": 1}


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def two(vos: SimpleNamespace) -> list[UUID]:
    """Two executed orders of one customer; the first was made last, and carried out first."""
    later = make_order(
        vos.actor, vos.relation_id, executed_on=date(2026, 11, 19), location_id=vos.location_id,
        customer_order_number="PO-1",
    )  # fmt: skip
    early = make_order(vos.actor, vos.relation_id, lines=(line(price=Decimal(10)), line(description="Reis")))
    return [early, later]


def version(order_id: UUID) -> int:
    return db.session.scalars(select(WorkOrder.version).where(WorkOrder.id == order_id)).one()


def together(vos: SimpleNamespace, order_ids: list[UUID], **more: Any) -> press.Pressed:
    """The press, on what stands there now."""
    db.session.rollback()
    return press.approve_together(vos.deps, vos.actor, {one: version(one) for one in order_ids}, **more)


def texts(sandbox: Sandbox, place: int = 0) -> list[str]:
    """The descriptions on an invoice in the books."""
    return [one["Omschrijving"] for one in sandbox.invoices("demo")[place]["Regels"]]


def number(order_id: UUID) -> str:
    return db.session.scalars(select(WorkOrder.number).where(WorkOrder.id == order_id)).one()


def told(order_ids: list[UUID]) -> list[str]:
    """How far each is billed."""
    db.session.rollback()
    return [db.session.scalars(select(WorkOrder.billing).where(WorkOrder.id == one)).one() for one in order_ids]


def test_two_orders_stand_on_one_invoice_each_under_its_own_heading(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    pressed = together(vos, two)
    assert pressed.state == states.POSTED
    (there,) = sandbox.invoices("demo")
    early, later = map(number, two)
    assert texts(sandbox) == [
        f"Werkbon {early}, uitgevoerd 18-11-2026:", "Arbeid monteur", "Reis",
        f"Werkbon {later}, uw ordernummer PO-1, uitgevoerd 19-11-2026, Dorpsstraat 1, Waterveen:", "Arbeid monteur",
    ]  # fmt: skip
    assert Decimal(there["TotaalInclBTW"]) == Decimal("326.70")  # 20 + 125 + 125, with 21 %
    assert {stands(one) for one in two} == {(order_rules.APPROVED, states.POSTED, there["Factuurnummer"])}
    assert told(two) == [billing.BILLED] * 2
    row = press.present_posting(two[1])
    assert row is not None
    assert [order.id for order in press.billed_together(vos.deps, row)] == sorted(two, key=number)


def test_an_order_that_changed_or_is_anothers_keeps_all_from_going(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    with pytest.raises(Changed):
        press.approve_together(vos.deps, vos.actor, {two[0]: version(two[0]), two[1]: version(two[1]) + 1})
    with write_transaction() as session:
        other = Relation(code="9902", name="Aardema")
        session.add(other)
        session.flush()
        other_id = other.id
    with pytest.raises(press.Blocked) as caught:
        together(vos, [*two, make_order(vos.actor, other_id)])
    assert "dezelfde klant" in caught.value.blockers[0].why.text
    with pytest.raises(LookupError):
        press.approve_together(vos.deps, vos.actor, {two[0]: version(two[0]), UUID(int=9): 1})
    assert sandbox.invoices("demo") == []
    assert {stands(one)[0] for one in two} == {order_rules.DONE}


def test_what_blocks_one_says_whose_it_is(vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]) -> None:
    third = make_order(vos.actor, vos.relation_id, lines=(line(vat_code=""),))
    with pytest.raises(press.Blocked) as caught:
        together(vos, [*two, third])
    (blocker,) = caught.value.blockers
    assert (blocker.what.values["number"], blocker.mend) == (number(third), "none")
    assert sandbox.invoices("demo") == []


def test_other_vat_cannot_stand_on_the_same_invoice(vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]) -> None:
    third = make_order(vos.actor, vos.relation_id, vat_regime="exempt")
    with pytest.raises(press.Blocked) as caught:
        together(vos, [*two, third])
    assert "andere btw" in caught.value.blockers[0].why.text
    look = bulk_preview.look(vos.deps, [*two, third])
    assert [[order.id for order in part.orders] for part in look.offers[0].parts] == [two, [third]]


def test_a_refused_one_frees_none_and_goes_out_again_from_either_page(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    sandbox.mischief("demo", [REFUSED])
    assert together(vos, two).state == states.REFUSED
    assert len({stands(one) for one in two}) == 1
    assert told(two) == [billing.COLLECTING] * 2
    assert [item.state for item in attention.items()] == [states.REFUSED]  # it is one thing that needs somebody
    assert attention.count(vos.actor) == 1
    with pytest.raises(Refusal):
        work_orders.set_billable(vos.actor, two[0], "toch niet")
    assert press.send(vos.deps, vos.actor, two[1]).state == states.POSTED
    assert len(sandbox.invoices("demo")) == 1
    assert {stands(one)[1] for one in two} == {states.POSTED}


def test_one_that_was_opened_again_keeps_it_back_until_it_is_checked(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    sandbox.mischief("demo", [REFUSED])
    together(vos, two)
    work_orders.move(vos.actor, two[0], "reopen")
    with pytest.raises(Refusal) as refused:
        press.send(vos.deps, vos.actor, two[1])
    assert refused.value.message.values["number"] == number(two[0])
    work_orders.move(vos.actor, two[1], "reopen")
    work_orders.move(vos.actor, two[1], "resume")
    with pytest.raises(Refusal):
        press.approve(vos.deps, vos.actor, two[0])
    work_orders.move(vos.actor, two[1], "finish", yes=("day:2026-11-19",))
    with pytest.raises(Refusal):  # it goes out with the other, or not
        together(vos, [two[0], make_order(vos.actor, vos.relation_id)])
    assert press.approve(vos.deps, vos.actor, two[0]).state == states.POSTED
    assert {stands(one)[:2] for one in two} == {(order_rules.APPROVED, states.POSTED)}
    assert len(sandbox.invoices("demo")) == 1


def test_another_customer_for_one_of_them_keeps_it_back(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    sandbox.mischief("demo", [REFUSED])
    together(vos, two)
    with write_transaction() as session:
        session.add(Relation(code="9902", name="Aardema"))
        session.flush()
        other = session.scalars(select(Relation.id).where(Relation.code == "9902")).one()
        session.scalars(select(WorkOrder).where(WorkOrder.id == two[0])).one().relation_id = other
    for order_id in two:
        db.session.rollback()
        with pytest.raises(press.Blocked):
            press.send(vos.deps, vos.actor, order_id)
    assert sandbox.invoices("demo") == []


def test_giving_it_up_frees_them_all(vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]) -> None:
    sandbox.mischief("demo", [REFUSED])
    together(vos, two)
    press.give_up(vos.actor, two[1], "toch apart")
    assert told(two) == [billing.NONE] * 2
    assert [press.send(vos.deps, vos.actor, one).state for one in two] == [states.POSTED] * 2
    assert len(sandbox.invoices("demo")) == 2
    assert press.billed_together(vos.deps, press.present_posting(two[0])) == ()


def test_one_whose_answer_was_lost_is_found_and_never_sent_twice(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    sandbox.mischief("demo", [LOST])
    pressed = together(vos, two)
    assert (pressed.state, {stands(one)[1] for one in two}) == (states.UNCERTAIN, {states.UNCERTAIN})
    assert press.send(vos.deps, vos.actor, two[0]).state == states.UNCERTAIN
    assert pressed.posting_id is not None
    assert recovery.check(vos.deps, vos.actor, pressed.posting_id) == states.POSTED
    assert len(sandbox.invoices("demo")) == 1
    assert told(two) == [billing.BILLED] * 2


def test_killed_between_call_and_answer_the_intent_is_there_for_all(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object) -> str:
        raise Killed

    monkeypatch.setattr(postings, "settle", killed)
    with pytest.raises(Killed):
        together(vos, two)
    monkeypatch.undo()
    assert {stands(one)[:2] for one in two} == {(order_rules.APPROVED, states.SENDING)}
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        row.lease_until = row.sent_at
        posting_id = row.id
    assert recovery.check(vos.deps, vos.actor, posting_id) == states.POSTED
    assert len(sandbox.invoices("demo")) == 1
    assert told(two) == [billing.BILLED] * 2


def test_a_number_in_use_by_the_same_orders_is_this_very_invoice(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID], older_copy: OlderCopy
) -> None:
    older_copy.take()
    together(vos, two)
    older_copy.put_back()
    assert looking_back.look_again(vos.deps, vos.actor) == 1
    assert len(sandbox.invoices("demo")) == 1
    assert {stands(one)[:2] for one in two} == {(order_rules.APPROVED, states.POSTED)}
    assert told(two) == [billing.BILLED] * 2
    assert not behind(vos)
    row = press.present_posting(two[0])
    assert len(press.billed_together(vos.deps, row)) == 2


def test_of_one_that_is_not_recognised_a_person_says_whose_it_is_for_all(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID], older_copy: OlderCopy
) -> None:
    older_copy.take()
    together(vos, two)
    older_copy.put_back()
    dearer = OrderInput(title="Anders", relation_id=vos.relation_id, lines=(line(price=Decimal(1)),),
                        executed_on=date(2026, 11, 19), yes=("day:2026-11-19",))  # fmt: skip
    work_orders.edit(vos.actor, two[1], dearer)
    later = make_order(vos.actor, vos.relation_id)
    assert press.approve(vos.deps, vos.actor, later).state == states.REFUSED
    assert behind(vos)
    (waits,) = looking_back.seen(vos.deps, vos.actor).open
    assert [order.id for order, _here in waits.orders] == two
    looking_back.is_ours(vos.deps, vos.actor, waits.number, number(two[1]))
    assert {stands(one) for one in two} == {(order_rules.APPROVED, states.POSTED, waits.number)}
    assert not behind(vos)


def test_the_credit_takes_back_the_whole_and_is_known_again_after_a_restore(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID], older_copy: OlderCopy
) -> None:
    together(vos, two)
    older_copy.take()
    assert crediting.credit_order(vos.deps, vos.actor, two[1], "Verkeerde klant").state == states.POSTED
    there, credit = sandbox.invoices("demo")
    assert Decimal(credit["TotaalInclBTW"]) == -Decimal(there["TotaalInclBTW"])
    assert texts(sandbox, 1)[0].startswith(f"Werkbon {number(two[0])}, creditfactuur bij factuur ")
    assert told(two) == [billing.NONE] * 2
    older_copy.put_back()
    assert told(two) == [billing.BILLED] * 2
    assert looking_back.look_again(vos.deps, vos.actor) == 1
    assert told(two) == [billing.NONE] * 2
    assert len(sandbox.invoices("demo")) == 2
    for one in two:  # each is billed anew by itself
        work_orders.move(vos.actor, one, "reopen")
        assert press.approve(vos.deps, vos.actor, one).state == states.POSTED
    assert told(two) == [billing.BILLED] * 2


def test_wages_are_told_once_as_the_sum(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    with write_transaction() as session:
        customer = session.scalars(select(Relation).where(Relation.id == vos.relation_id)).one()
        customer.wage_percent = Decimal(40)
    pair = [make_order(vos.actor, vos.relation_id) for _ in range(2)]
    assert together(vos, pair).state == states.POSTED
    assert texts(sandbox)[-1] == "Loonbestanddeel € 100,00 (40% van € 250,00 arbeid)"
    assert sum("Loonbestanddeel" in text for text in texts(sandbox)) == 1


def test_more_than_an_invoice_holds_is_split_as_was_said_before(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    ids = [make_order(vos.actor, vos.relation_id, lines=(line(),) * 49) for _ in range(3)]
    full = make_order(vos.actor, vos.relation_id, lines=(line(),) * 100)  # with a heading it would be too large
    look = bulk_preview.look(vos.deps, [*ids, full])
    (offer,) = look.offers
    assert [([order.id for order in part.orders], part.lines) for part in offer.parts] == [
        (ids[:2], 100), ([ids[2]], 49), ([full], 100),
    ]  # fmt: skip
    job_id = bulk_together.post(vos.deps, vos.actor, [(order.id, order.version) for order in offer.orders])
    found = bulk.progress(job_id)
    assert [row.state for row in found.rows] == [states.POSTED] * 4
    assert (found.invoices, found.job.state) == (3, "finished")
    assert sorted(len(one["Regels"]) for one in sandbox.invoices("demo")) == [49, 100, 100]


def test_what_comes_after_one_that_is_not_posted_is_not_begun(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    ids = [make_order(vos.actor, vos.relation_id, lines=(line(),) * 49) for _ in range(4)]
    sandbox.mischief("demo", [REFUSED])
    job_id = bulk_together.post(vos.deps, vos.actor, [(one, version(one)) for one in ids])
    found = bulk.progress(job_id)
    assert [row.state for row in found.rows] == [states.REFUSED] * 2 + ["left"] * 2
    assert (found.job.state, found.job.reason.key) == ("stopped", "bulk.one_not_posted")
    assert bulk.unfinished() == []  # no worker takes them up
    assert [stands(one)[0] for one in ids] == [order_rules.APPROVED] * 2 + [order_rules.DONE] * 2
    assert sandbox.invoices("demo") == []


def test_a_large_sum_wants_a_yes(vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]) -> None:
    with write_transaction() as session:
        session.scalars(select(Connection)).one().ask_above = Decimal(300)
    (offer,) = bulk_preview.look(vos.deps, two).offers
    (question,) = offer.asks
    wanted = [(one, version(one)) for one in two]
    with pytest.raises(Refusal):
        bulk_together.post(vos.deps, vos.actor, wanted)
    assert sandbox.invoices("demo") == []
    bulk_together.post(vos.deps, vos.actor, wanted, [question.answer])
    assert len(sandbox.invoices("demo")) == 1


def test_what_bulk_cannot_put_together_is_refused_with_nothing_sent(
    vos: SimpleNamespace, sandbox: Sandbox, two: list[UUID]
) -> None:
    wanted = [(one, version(one)) for one in two]
    with pytest.raises(Refusal):
        bulk_together.post(vos.deps, vos.actor, wanted[:1])
    with pytest.raises(LookupError):
        bulk_together.post(vos.deps, vos.actor, [*wanted, (UUID(int=9), 1)])
    with pytest.raises(Changed):
        bulk_together.post(vos.deps, vos.actor, [(one, 1) for one in two])
    bulk.start(vos.deps, vos.actor, wanted[:1])
    with pytest.raises(Refusal):
        bulk_together.post(vos.deps, vos.actor, wanted)
    assert sandbox.invoices("demo") == []
    assert claims.live_posting(db.session(), two[0]) is None


def test_a_process_that_dies_in_the_middle_leaves_a_job_that_tells_so(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [make_order(vos.actor, vos.relation_id, lines=(line(),) * 49) for _ in range(4)]
    done = []

    def once(*given: Any) -> press.Pressed:
        if done:
            raise Killed
        done.append(press.Pressed)
        return approve_together(*given)

    approve_together = press.approve_together
    monkeypatch.setattr(press, "approve_together", once)
    with pytest.raises(Killed):
        bulk_together.post(vos.deps, vos.actor, [(one, version(one)) for one in ids])
    db.session.rollback()
    found = bulk.progress(bulk.recent()[0].id)
    assert [row.state for row in found.rows] == [states.POSTED] * 2 + ["left"] * 2
    assert (found.job.reason.key, [order.id for order in found.left]) == ("bulk.broken_off", ids[2:])
