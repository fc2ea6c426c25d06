"""Our books held against theirs, over the wire: every kind of difference is found, named and ended; none invented."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from domain import posting as states
from domain.differing import Difference
from domain.message import Refusal
from domain.reconciliation import Cause, How, Kind, Stand
from models import InvoiceNumber, InvoicePosting, Reconciliation, ReconciliationFinding, ReconciliationMonth
from services.invoicing import missing, posting, press
from services.link import connection
from services.reconciliation import findings, reports, rounds, runs
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import make_order
from tests.support.older_copy import OlderCopy, older_copy
from tests.support.sandbox_process import Sandbox

__all__ = ["older_copy"]


def long_ago(vos: SimpleNamespace) -> None:
    """Put every posting's lease behind the quiet window."""
    with write_transaction() as session:
        for row in session.scalars(select(InvoicePosting)):
            posting.row_locked(session, row.id)
            row.lease_until = row.lease_until - timedelta(hours=1) if row.lease_until else None


def posted(vos: SimpleNamespace, count: int = 1) -> list[InvoicePosting]:
    """So many invoices, posted long ago and read back since: nothing looks at them any more but this."""
    ids = [vos.order_id, *(make_order(vos.actor, vos.relation_id) for _ in range(count - 1))]
    found = [press.approve(vos.deps, vos.actor, order_id) for order_id in ids]
    assert [one.state for one in found] == [states.POSTED] * count
    for one in found:
        assert one.posting_id is not None
        assert missing.read_back(vos.deps, vos.actor, one.posting_id) == states.POSTED
    long_ago(vos)
    db.session.rollback()
    return [row_of(one.posting_id) for one in found]  # type: ignore[arg-type]


def row_of(posting_id: UUID) -> InvoicePosting:
    """The posting as it stands now."""
    db.session.rollback()
    return db.session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one()


def held(vos: SimpleNamespace) -> Reconciliation:
    """Hold ours against theirs, as in a night; the run."""
    db.session.rollback()
    rounds.tonight(vos.deps, vos.actor)
    db.session.rollback()
    return db.session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)).one()


def found() -> list[ReconciliationFinding]:
    """The findings that are not settled."""
    db.session.rollback()
    query = select(ReconciliationFinding).where(ReconciliationFinding.state != Stand.SETTLED)
    return list(db.session.scalars(query.order_by(ReconciliationFinding.number)))


def told() -> list[tuple[str, str]]:
    """Which invoices are not alike, and how."""
    return [(one.number, one.kind) for one in found()]


def lines_of(sandbox: Sandbox, number: str) -> list[dict[str, Any]]:
    """The lines of an invoice in the books."""
    (lines,) = (one["Regels"] for one in sandbox.invoices("demo") if one["Factuurnummer"] == number)
    return [{key: value for key, value in line.items() if key != "Bedrag"} for line in lines]


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
    assert [(one.how, one.kind) for one in db.session.scalars(select(ReconciliationFinding))] == [
        (How.EQUAL, Kind.MISSING)
    ] or [one.how for one in db.session.scalars(select(ReconciliationFinding))][-1] == How.EQUAL


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


def test_a_copy_a_booking_and_a_payment_there_are_no_difference(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    sandbox.with_invoice("demo", row.number, "copy")
    sandbox.with_invoice("demo", row.number, "book")
    sandbox.with_invoice("demo", row.number, "payment", Bedrag="10.00")
    run = held(vos)
    assert (run.equal, run.unknown, told()) == (1, 0, [])


def test_another_invoice_under_our_number_is_a_conflict_once_it_is_proved(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    (row,) = posted(vos)
    sandbox.remove_invoice("demo", row.number)
    put_a_foreign_invoice(vos, row.number)
    run = held(vos)
    assert told() == [(row.number, Kind.REPLACED)]
    assert (row_of(row.id).state, run.calls) == (states.CONFLICT, 2)
    with pytest.raises(Refusal):
        findings.accept(vos.actor, found()[0].id, "Laat maar")


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


def test_a_limit_of_theirs_makes_it_wait_and_says_so(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "refuse", "code": "E003.3", "text": "x"}])
    run = held(vos)
    assert (run.finished_at, run.resumes_at) == (None, connection.paused_until())
    assert run.remark
    again = held(vos)
    assert (again.id, again.calls) == (run.id, 1)
    with write_transaction() as session:
        connection.locked(session).paused_until = None
        session.execute(update(Reconciliation).values(resumes_at=None))
    assert held(vos).equal == 1


def test_a_link_that_does_not_answer_makes_it_wait_and_says_so(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503"}])
    run = held(vos)
    assert run.finished_at is None
    assert run.resumes_at is not None
    assert run.remark.key == "call.http"
    with write_transaction() as session:
        session.execute(update(Reconciliation).values(resumes_at=None))
    assert held(vos).equal == 1


def test_an_unreadable_list_is_asked_for_in_halves(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos, 2)
    sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "truncated_xml"}])
    run = held(vos)
    assert (run.calls, run.equal, run.missing) == (3, 2, 0)


def test_only_one_is_under_way_and_a_silent_one_is_taken_over(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    asked = rounds.ask_for_reconciliation(vos.deps, vos.actor)
    with pytest.raises(Refusal):
        rounds.ask_for_reconciliation(vos.deps, vos.actor)
    holder = runs.take(vos.deps, asked)
    assert holder is not None
    assert runs.take(vos.deps, asked) is None
    assert held(vos).finished_at is None
    with write_transaction() as session:
        run = session.get_one(Reconciliation, (vos.tenant_id, asked))
        run.lease_until = run.started_at - timedelta(minutes=5)
    run = held(vos)
    assert (run.id, run.equal, run.by, run.shown_cause) == (asked, 1, vos.actor.person_name, Cause.BUTTON)
    with pytest.raises(runs.Lost):
        holder.end(0)


def test_other_credentials_end_it(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    posted(vos)
    rounds.ask_for_reconciliation(vos.deps, vos.actor)
    with write_transaction() as session:
        connection.locked(session).version += 1
    run = held(vos)
    assert (run.error.key, run.calls) == ("link.changed", 0)


def test_without_a_link_a_button_says_so_and_a_night_does_nothing(vos: SimpleNamespace) -> None:
    posted(vos)
    connection.switch_feature(vos.actor, False)
    with pytest.raises(Refusal):
        rounds.ask_for_reconciliation(vos.deps, vos.actor)
    rounds.tonight(vos.deps, vos.actor)
    assert reports.under_way() is None


def test_who_has_nothing_is_asked_nothing(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    before = len(sandbox.calls("demo"))
    rounds.tonight(vos.deps, vos.actor)
    assert len(sandbox.calls("demo")) == before
    assert db.session.scalars(select(Reconciliation)).all() == []


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


def test_rows_of_an_earlier_release_get_their_day(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(dated_on=None))
    assert held(vos).equal == 1
    assert row_of(row.id).dated_on == today(db.session())
