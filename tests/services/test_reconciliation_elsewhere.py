"""What was found where nobody can look now: an administration that is not linked, days that no list is asked for."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from domain import posting as states
from domain.message import Refusal
from domain.reconciliation import How, Kind, Stand
from models import InvoicePosting, ReconciliationFinding
from services.invoicing import missing, press
from services.orders import attention
from services.reconciliation import findings, reports, rounds
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.support.cast import make_order
from tests.support.reconciled import (
    foreign_invoices,
    found,
    held,
    lines_of,
    nothing_was_held_before,
    posted,
    row_of,
    told,
)
from tests.support.sandbox_process import Sandbox

__all__ = ["nothing_was_held_before"]


@pytest.fixture
def changed(vos: SimpleNamespace, sandbox: Sandbox) -> InvoicePosting:
    """An invoice that was changed there, and found to be so."""
    sandbox.reset("bouw")
    (row,) = posted(vos)
    lines = lines_of(sandbox, row.number)
    sandbox.edit_invoice("demo", row.number, Regels=[{**lines[0], "PrijsPerEenheid": "99.00"}, *lines[1:]])
    held(vos)
    assert told() == [(row.number, Kind.CHANGED)]
    return row


def orders_counted(vos: SimpleNamespace) -> int:
    """What stands in Aandacht nodig, without the one for customers whom the other administration does not know."""
    counted = attention.counted(vos.actor)
    return counted.attention - counted.elsewhere


def looked_at_again(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """The first administration is linked again, and ours are held against it."""
    link_with(vos, sandbox, "demo")
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()


def only_suspected(row: InvoicePosting) -> None:
    """As a run leaves it that ended before it was looked up."""
    with write_transaction() as session:
        mine = update(ReconciliationFinding).where(ReconciliationFinding.posting_id == row.id)
        session.execute(mine.values(kind=Kind.SUSPECTED, differs="", looked_up_at=None))


def test_it_is_told_apart_counts_nowhere_and_says_where_it_stands(
    vos: SimpleNamespace, sandbox: Sandbox, changed: InvoicePosting
) -> None:
    assert (attention.counted(vos.actor).unlike, attention.count(vos.actor)) == (1, 1)
    link_with(vos, sandbox, "bouw")
    standing = reports.standing()
    assert (standing.last, standing.open, standing.elsewhere) == (None, 0, 1), "no run of the other one speaks for this"
    assert (attention.counted(vos.actor).unlike, orders_counted(vos), attention.items()) == (0, 0, [])
    assert reports.findings().rows == ()
    (one,) = reports.findings(reports.ELSEWHERE).rows
    assert (one.finding.number, one.elsewhere) == (changed.number, True)
    assert one.administration
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    standing = reports.standing()
    assert (standing.agree, standing.elsewhere) == (True, 1)


def test_it_can_be_left_as_it_is_and_is_looked_at_once_it_is_linked_again(
    vos: SimpleNamespace, sandbox: Sandbox, changed: InvoicePosting
) -> None:
    link_with(vos, sandbox, "bouw")
    findings.accept(vos.actor, found()[0].id, "Die administratie is opgeheven")
    assert reports.standing().elsewhere == 0
    looked_at_again(vos, sandbox)
    assert [one.shown_state for one in found()] == [Stand.ACCEPTED]
    assert changed.dated_on is not None
    sandbox.edit_invoice("demo", changed.number, Datum=(changed.dated_on - timedelta(days=1)).isoformat())
    held(vos)
    assert [one.shown_state for one in found()] == [Stand.OPEN]
    assert orders_counted(vos) == 1


def test_what_was_only_suspected_can_be_left_and_is_proved_once_it_is_linked_again(
    vos: SimpleNamespace, sandbox: Sandbox, changed: InvoicePosting
) -> None:
    only_suspected(changed)
    (one,) = found()
    with pytest.raises(Refusal):
        findings.accept(vos.actor, one.id, "Laat maar")
    link_with(vos, sandbox, "bouw")
    assert reports.standing().elsewhere == 1
    findings.accept(vos.actor, one.id, "Die administratie is opgeheven")
    sandbox.remove_invoice("demo", changed.number)
    looked_at_again(vos, sandbox)
    assert told() == [(changed.number, Kind.MISSING)]
    assert (found()[0].shown_state, row_of(changed.id).state) == (Stand.OPEN, states.GONE)


def test_what_vanished_there_does_not_keep_the_linked_one_from_agreeing_and_ends_with_its_order(
    vos: SimpleNamespace, sandbox: Sandbox, changed: InvoicePosting
) -> None:
    sandbox.remove_invoice("demo", changed.number)
    held(vos)
    assert (reports.standing().gone, attention.counted(vos.actor).unlike) == (1, 1)
    link_with(vos, sandbox, "bouw")
    assert (reports.standing().gone, attention.counted(vos.actor).unlike) == (0, 0)
    assert [item.state for item in attention.items()] == [states.GONE], "somebody decides it at the order all the same"
    missing.let_go(vos.deps, vos.actor, vos.order_id, "Daar verwijderd")
    rounds.carry_out(vos.deps, vos.actor)
    db.session.rollback()
    ended = db.session.query(ReconciliationFinding).filter_by(kind=Kind.MISSING).one()
    assert (ended.shown_state, ended.how) == (Stand.SETTLED, How.DECIDED)


def test_what_somebody_left_without_proof_comes_back_when_it_is_proved(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    (row,) = posted(vos)
    assert row.dated_on is not None
    sandbox.remove_invoice("demo", row.number)
    before = sandbox.take_moment("demo")
    foreign_invoices(sandbox, [row.dated_on] * 50)  # a list of a round number proves nothing, also of one day
    run = held(vos)
    assert (told(), run.remark.key) == ([(row.number, Kind.UNSURE)], "reconciliation.cut_off")
    findings.accept(vos.actor, found()[0].id, "Zal wel")
    held(vos)
    assert [one.shown_state for one in found()] == [Stand.ACCEPTED]
    sandbox.go_back("demo", before)
    held(vos)
    assert (told(), row_of(row.id).state) == ([(row.number, Kind.MISSING)], states.GONE)
    assert found()[0].shown_state is Stand.OPEN


def test_what_is_open_of_days_that_no_list_is_asked_for_is_looked_up(
    vos: SimpleNamespace, sandbox: Sandbox, changed: InvoicePosting
) -> None:
    assert changed.dated_on is not None
    press.approve(vos.deps, vos.actor, make_order(vos.actor, vos.relation_id))  # a night has something to ask for
    old = changed.dated_on - timedelta(days=900)
    with write_transaction() as session:
        row = session.merge(changed)
        row.payload = row.payload.replace(changed.dated_on.isoformat(), old.isoformat())
        row.dated_on = old
        session.execute(update(ReconciliationFinding).values(day=old))
    lines = lines_of(sandbox, changed.number)
    sandbox.edit_invoice("demo", changed.number, Datum=old.isoformat())
    held(vos)
    assert told() == [(changed.number, Kind.CHANGED)]
    price = row_of(changed.id).payload.partition('"price":"')[2].partition('"')[0]
    sandbox.edit_invoice("demo", changed.number, Regels=[{**lines[0], "PrijsPerEenheid": price}, *lines[1:]])
    held(vos)
    assert told() == []
