"""Our books held against theirs, over the wire: every kind of difference is found, named and ended; none invented."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.differing import Difference
from domain.message import Refusal
from domain.reconciliation import Cause, How, Kind, Stand
from models import (
    InvoiceNumber,
    ReconciliationFinding,
    ReconciliationMonth,
)
from services.invoicing import conflicts, missing, posting, press
from services.link import connection
from services.orders import attention
from services.reconciliation import findings, reports
from tenancy.clock import today
from tenancy.database import db
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import make_order
from tests.support.older_copy import OlderCopy, older_copy
from tests.support.reconciled import (
    foreign_invoices,
    found,
    held,
    lines_of,
    long_ago,
    nothing_was_held_before,
    posted,
    row_of,
    told,
)
from tests.support.sandbox_process import Sandbox

__all__ = ["nothing_was_held_before", "older_copy"]


def test_what_is_alike_costs_one_call_and_agrees(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    rows = posted(vos, 3)
    before = len(sandbox.calls("demo", "GetFacturen"))
    run = held(vos)
    assert (run.shown_cause, run.equal, run.changed, run.missing, run.unknown) == (Cause.NIGHT, 3, 0, 0, 0)
    assert run.calls == len(sandbox.calls("demo", "GetFacturen")) - before == 1
    assert run.finished_at is not None
    assert not run.error
    (month,) = db.session.scalars(select(ReconciliationMonth)).all()
    total = sum(row.incl for row in rows)
    assert (month.ours, month.theirs, month.equal, month.ours_incl, month.theirs_incl) == (3, 3, 3, total, total)
    assert reports.standing().agree
    assert told() == []


def test_an_invoice_that_was_read_back_and_vanished_since_is_noticed(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    rows = posted(vos, 2)
    sandbox.remove_invoice("demo", rows[0].number)
    run = held(vos)
    assert row_of(rows[0].id).state == states.GONE
    assert (run.missing, run.equal, run.calls) == (1, 1, 3)
    assert told() == [(rows[0].number, Kind.MISSING)]
    assert (reports.standing().agree, reports.standing().gone) == (False, 1)
    assert missing.send_again(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    long_ago(vos)
    held(vos)
    assert told() == []
    assert reports.standing().agree


def test_what_vanished_and_came_back_by_itself_is_posted_again(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    moment = sandbox.take_moment("demo")
    sandbox.remove_invoice("demo", row.number)
    held(vos)
    assert row_of(row.id).state == states.GONE
    sandbox.go_back("demo", moment)
    held(vos)
    assert row_of(row.id).state == states.POSTED
    ends = select(ReconciliationFinding.kind, ReconciliationFinding.how).order_by(ReconciliationFinding.id)
    assert db.session.execute(ends).all() == [(Kind.MISSING, How.EQUAL)], "one finding, from suspicion to its end"


def test_what_may_still_be_on_its_way_is_not_suspected(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    pressed = press.approve(vos.deps, vos.actor, vos.order_id)
    assert pressed.posting_id is not None
    sandbox.remove_invoice("demo", row_of(pressed.posting_id).number)
    run = held(vos)
    assert (run.calls, told(), row_of(pressed.posting_id).state) == (1, [], states.POSTED)


def test_an_edited_invoice_is_named_with_both_values_and_its_end(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    lines = lines_of(sandbox, row.number)
    changed = [{**lines[0], "PrijsPerEenheid": "99.00"}, *lines[1:]]
    sandbox.edit_invoice("demo", row.number, Regels=changed)
    run = held(vos)
    (one,) = found()
    price = next(iter(posting.thawed(vos.deps, row).lines)).price
    assert Difference("price", price, Decimal(99), 1) in one.differences
    assert (one.shown_kind, one.ours_incl, run.changed) == (Kind.CHANGED, row.incl, 1)
    assert row_of(row.id).state == states.POSTED
    assert row_of(row.id).remote_incl == one.theirs_incl != row.incl
    ((item),) = attention.items()
    assert (item.state, item.how, item.since) == ("differs", "daar gewijzigd", one.since)
    assert (attention.items(one.since - timedelta(days=1)), attention.count(vos.actor)) == ([], 1)
    since = one.since
    held(vos)
    assert [again.since for again in found()] == [since]
    sandbox.edit_invoice("demo", row.number, Regels=lines)
    held(vos)
    (ended,) = db.session.scalars(select(ReconciliationFinding)).all()
    assert (ended.shown_state, ended.how) == (Stand.SETTLED, How.EQUAL)
    assert row_of(row.id).remote_incl == row.incl


@pytest.mark.parametrize("days", [40, -900])
def test_a_redated_invoice_is_never_missing(vos: SimpleNamespace, sandbox: Sandbox, days: int) -> None:
    (row,) = posted(vos)
    assert row.dated_on is not None
    there = row.dated_on + timedelta(days=days)
    sandbox.edit_invoice("demo", row.number, Datum=there.isoformat())
    run = held(vos)
    (one,) = found()
    assert (one.shown_kind, one.differences) == (Kind.CHANGED, (Difference("on", row.dated_on, there),))
    assert (run.changed, run.missing, row_of(row.id).state) == (1, 0, states.POSTED)


def test_a_renumbered_invoice_is_linked_and_never_resent(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.edit_invoice("demo", row.number, Factuurnummer="F00099")
    held(vos)
    assert told() == [(row.number, Kind.RENUMBERED)]
    assert (row_of(row.id).state, row_of(row.id).remote_number) == (states.POSTED, "F00099")
    run = held(vos)
    assert (run.calls, told()) == (1, [(row.number, Kind.RENUMBERED)])
    sandbox.edit_invoice("demo", "F00099", Factuurnummer=row.number)
    held(vos)
    assert (told(), row_of(row.id).remote_number) == ([], "")


def test_renumbered_and_on_another_customer_it_is_still_there(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.edit_invoice("demo", row.number, Factuurnummer="F00099", Relatiecode="1002")
    run = held(vos)
    (one,) = found()
    assert (one.shown_kind, run.missing, row_of(row.id).state) == (Kind.RENUMBERED, 0, states.POSTED)
    assert {"number", "relation_code"} <= {each.name for each in one.differences}
    assert row_of(row.id).remote_number == "F00099"
    assert (held(vos).calls, told()) == (1, [(row.number, Kind.RENUMBERED)])


def test_a_copy_there_is_not_taken_for_an_invoice_that_only_a_list_left_out(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    fields = {"Datum": str(row.dated_on), "Betalingstermijn": 14, "Regels": lines_of(sandbox, row.number)}
    code = posting.thawed(vos.deps, row).relation_code
    sandbox.remove_invoice("demo", row.number)
    sandbox.add_invoice("demo", Factuurnummer="F00099", Relatiecode="1002", **fields)
    foreign_invoices(sandbox, [today(db.session())] * 100, "1002")
    sandbox.add_invoice("demo", Factuurnummer=row.number, Relatiecode=code, **fields)
    sandbox.switches("demo", invoice_cap=100)
    run = held(vos)
    assert (told(), run.equal, row_of(row.id).remote_number) == ([], 1, "")


def test_renumbered_and_redated_out_of_every_list_it_is_still_there(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    assert row.dated_on is not None
    sandbox.edit_invoice("demo", row.number, Factuurnummer="F00099")
    held(vos)
    sandbox.edit_invoice("demo", "F00099", Datum=(row.dated_on + timedelta(days=500)).isoformat())
    run = held(vos)
    assert (run.missing, told()) == (0, [(row.number, Kind.RENUMBERED)])
    assert (row_of(row.id).state, row_of(row.id).remote_number) == (states.POSTED, "F00099")


def test_the_number_of_another_invoice_of_ours_is_not_taken_for_the_new_one(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    first, second = posted(vos, 2)
    sandbox.edit_invoice("demo", second.number, Factuurnummer="F00099")
    held(vos)
    sandbox.edit_invoice("demo", "F00099", Regels=lines_of(sandbox, first.number))
    sandbox.remove_invoice("demo", first.number)
    held(vos)
    assert row_of(first.id).state == states.GONE


def test_a_copy_a_booking_and_a_payment_there_are_no_difference(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "copy")
    sandbox.with_invoice("demo", row.number, "book")
    sandbox.with_invoice("demo", row.number, "payment", Bedrag="10.00")
    run = held(vos)
    assert (run.equal, run.unknown, told()) == (1, 0, [])


def test_what_was_only_suspected_and_is_there_leaves_no_finding(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    foreign_invoices(sandbox, [today(db.session())] * 101, "1002")
    posted(vos)
    sandbox.switches("demo", invoice_cap=100)
    run = held(vos)
    assert (run.equal, run.missing, run.unsure) == (1, 0, 0)
    (month,) = db.session.scalars(select(ReconciliationMonth)).all()
    assert (month.ours, month.theirs, month.equal, month.theirs_incl) == (1, 1, 1, month.ours_incl)
    assert db.session.scalars(select(ReconciliationFinding)).all() == []


def test_what_could_not_be_proved_becomes_what_is_proved_later(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    gone, there = posted(vos, 2)
    moment = sandbox.take_moment("demo")
    for row in (gone, there):
        sandbox.remove_invoice("demo", row.number)
    assert gone.dated_on is not None
    foreign_invoices(
        sandbox, [gone.dated_on] * 50
    )  # a list of a round number proves nothing, and this one is of one day
    held(vos)
    assert told() == [(gone.number, Kind.UNSURE), (there.number, Kind.UNSURE)]
    since = found()[0].since
    sandbox.go_back("demo", moment)
    sandbox.remove_invoice("demo", gone.number)
    held(vos)
    every = db.session.scalars(select(ReconciliationFinding).order_by(ReconciliationFinding.number)).all()
    assert [(one.kind, one.how, one.shown_state) for one in every] == [
        (Kind.MISSING, "", Stand.OPEN), (Kind.UNSURE, How.FOUND, Stand.SETTLED),
    ]  # fmt: skip
    assert every[0].since == since


def test_another_invoice_under_our_number_is_a_conflict_once_it_is_proved(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    sandbox.remove_invoice("demo", row.number)
    put_a_foreign_invoice(vos, row.number)
    run = held(vos)
    assert told() == [(row.number, Kind.REPLACED)]
    assert found()[0].shown_state is Stand.OPEN, "nobody decided yet"
    assert (row_of(row.id).state, run.calls) == (states.CONFLICT, 3)
    assert [item.state for item in attention.items()] == [states.CONFLICT]
    assert attention.count(vos.actor) == 1
    with pytest.raises(Refusal):
        findings.accept(vos.actor, found()[0].id, "Laat maar")
    conflicts.accept(vos.actor, vos.order_id)
    run = held(vos)
    assert (row_of(row.id).state, run.calls) == (states.POSTED, 1), "what a person said is not asked again"


def test_our_invoice_that_made_room_for_another_is_found_where_it_went(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.edit_invoice("demo", row.number, Factuurnummer="F00088")
    put_a_foreign_invoice(vos, row.number)
    held(vos)
    assert told() == [(row.number, Kind.RENUMBERED)]
    assert (row_of(row.id).state, row_of(row.id).remote_number) == (states.POSTED, "F00088")


def test_an_invoice_there_without_a_number_is_not_counted_as_ours(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    line = lines_of(sandbox, row.number)
    sandbox.add_invoice("demo", Factuurnummer="", Relatiecode="1001", Datum=str(row.dated_on), Regels=line)
    held(vos)
    (month,) = db.session.scalars(select(ReconciliationMonth)).all()
    assert (month.ours, month.theirs, month.equal) == (1, 1, 1)


def test_twice_under_one_number_is_told(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.switches("demo", used_number="let_through")
    sandbox.add_invoice(
        "demo",
        Factuurnummer=row.number,
        Relatiecode="1001",
        Datum=str(row.dated_on),
        Regels=lines_of(sandbox, row.number),
    )
    held(vos)
    assert told() == [(row.number, Kind.DOUBLE)]


def test_a_number_of_ours_that_is_somebody_elses_is_taken_and_passed_over(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    theirs = row.number[:-1] + str(int(row.number[-1]) + 1)
    put_a_foreign_invoice(vos, theirs)
    run = held(vos)
    assert (run.unknown, told()) == (1, [])
    state = db.session.scalars(select(InvoiceNumber.state).where(InvoiceNumber.number == theirs)).one()
    (one,) = db.session.scalars(select(ReconciliationFinding)).all()
    assert (state, one.number, one.shown_kind, one.how) == (states.TAKEN, theirs, Kind.UNKNOWN, How.TAKEN)
    other = make_order(vos.actor, vos.relation_id)
    pressed = press.approve(vos.deps, vos.actor, other)
    assert pressed.state == states.POSTED
    assert row_of(pressed.posting_id).number != theirs  # type: ignore[arg-type]
    assert held(vos).unknown == 0


def test_an_invoice_of_ours_that_we_do_not_know_is_adopted(
    vos: SimpleNamespace, sandbox: Sandbox, older_copy: OlderCopy
) -> None:
    posted(vos)
    other = make_order(vos.actor, vos.relation_id)
    older_copy.take()
    assert press.approve(vos.deps, vos.actor, other).state == states.POSTED
    older_copy.put_back()
    held(vos)
    live = press.present_posting(other)
    assert live is not None
    assert (live.state, connection.present().behind_since) == (states.POSTED, None)
    assert len(sandbox.invoices("demo")) == 2


def test_an_accepted_difference_stays_accepted_until_it_is_another(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    assert row.dated_on is not None
    sandbox.edit_invoice("demo", row.number, Datum=(row.dated_on - timedelta(days=1)).isoformat())
    held(vos)
    (one,) = found()
    with pytest.raises(Refusal):
        findings.accept(vos.actor, one.id, " ")
    findings.accept(vos.actor, one.id, "Op verzoek van de klant")
    assert reports.standing().agree
    held(vos)
    (one,) = found()
    assert (one.shown_state, str(one.reason), one.by) == (
        Stand.ACCEPTED, "Op verzoek van de klant", vos.actor.person_name,
    )  # fmt: skip
    with pytest.raises(Refusal):
        findings.accept(vos.actor, one.id, "Nog eens")
    sandbox.edit_invoice("demo", row.number, Datum=(row.dated_on - timedelta(days=2)).isoformat())
    held(vos)
    assert [again.shown_state for again in found()] == [Stand.OPEN]
    assert not reports.standing().agree
