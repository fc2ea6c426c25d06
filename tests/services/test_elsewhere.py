"""A posting stays with its administration: another one is never asked about it and never gets it, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from domain import posting as states
from domain import preflight
from domain.message import Refusal
from gateways.bookkeeping import BookkeepingError
from models import InvoiceNumber, InvoicePosting, Relation
from services.invoicing import (
    bulk,
    conflicts,
    intending,
    invoice_settings,
    issued_numbers,
    missing,
    posting,
    press,
    recovery,
)
from services.invoicing.preflight import candidate
from services.link import connection
from services.transaction import write_transaction
from tenancy.clock import database_now, today
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.services.test_conflicts import change_ours, lost
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox

ASKS = ("AddFactuur", "GetFacturen")


@pytest.fixture(autouse=True)
def both(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    """Both administrations know the customer; lists are not read, for this is not about them."""
    sandbox.reset("bouw")
    customer = db.session.scalars(select(Relation).where(Relation.id == vos.relation_id)).one()
    sandbox.relations("bouw", {"add": [{"Code": customer.code, "Bedrijf": customer.name}]})
    invoice_settings.save(vos.actor, replace(invoice_settings.present(), sync_relations=False))


def move(vos: SimpleNamespace, sandbox: Sandbox, name: str = "bouw") -> None:
    """The link goes to another administration; the customer was seen there just now."""
    link_with(vos, sandbox, name)
    with write_transaction() as session:
        mine = update(Relation).where(Relation.id == vos.relation_id)
        session.execute(mine.values(seen_there_at=database_now(session), remote_id=None))


def settings_looked_at(vos: SimpleNamespace) -> None:
    """Somebody saved the invoice settings for the administration that is linked now."""
    invoice_settings.save(vos.actor, invoice_settings.present())


def live(vos: SimpleNamespace) -> InvoicePosting:
    db.session.rollback()
    found = press.present_posting(vos.order_id)
    assert found is not None
    return found


def asked(sandbox: Sandbox) -> int:
    """How often the other administration was asked about invoices, or sent one."""
    return sum(len(sandbox.calls("bouw", operation)) for operation in ASKS)


def books(sandbox: Sandbox, name: str) -> list[str]:
    return [one["Factuurnummer"] for one in sandbox.invoices(name)]


def test_an_uncertain_invoice_is_not_looked_up_or_sent_in_another_administration(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    number = lost(vos, sandbox)
    move(vos, sandbox)
    leap(vos.deps.settings.times.lease + vos.deps.settings.times.quiet_window + timedelta(seconds=1))
    before = asked(sandbox)
    for look in (recovery.recover_all, lambda deps, actor: recovery.check(deps, actor, live(vos).id)):
        look(vos.deps, vos.actor)
        assert (live(vos).state, live(vos).note.key) == (states.UNCERTAIN, "look_up.elsewhere")
    assert asked(sandbox) == before
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.UNCERTAIN
    assert asked(sandbox) == before + 1, "the look that comes before the first invoice there"
    assert (books(sandbox, "demo"), books(sandbox, "bouw")) == ([number], [])

    move(vos, sandbox, "demo")
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.POSTED
    assert (books(sandbox, "demo"), books(sandbox, "bouw")) == ([number], [])


def test_one_that_was_interrupted_is_not_looked_up_elsewhere(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    lost(vos, sandbox)
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(state=states.SENDING))
    move(vos, sandbox)
    leap(timedelta(hours=1))
    before = asked(sandbox)
    assert recovery.recover_all(vos.deps, vos.actor) == 1
    assert live(vos).state == states.UNCERTAIN
    assert asked(sandbox) == before


def test_a_posted_invoice_is_not_read_back_elsewhere(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    move(vos, sandbox)
    leap(timedelta(hours=1))
    before = asked(sandbox)
    assert missing.read_back(vos.deps, vos.actor, live(vos).id) == states.POSTED
    assert live(vos).read_back_at is None
    assert asked(sandbox) == before


def test_a_conflict_and_what_is_gone_are_not_sent_elsewhere(
    vos: SimpleNamespace, sandbox: Sandbox, leap: Callable[[timedelta], None]
) -> None:
    lost(vos, sandbox)
    change_ours(vos, '"price":"62', '"price":"63')
    assert recovery.check(vos.deps, vos.actor, live(vos).id) == states.CONFLICT
    move(vos, sandbox)
    press.looking_back.credentials_to_send(vos.deps, vos.actor)  # the look that comes first
    before = asked(sandbox)
    with pytest.raises(Refusal, match="andere administratie"):
        conflicts.take_next_number(vos.deps, vos.actor, vos.order_id)
    with pytest.raises(BookkeepingError):
        posting.theirs(vos.deps, vos.actor, live(vos).id)
    with write_transaction() as session:
        session.execute(update(InvoicePosting).values(state=states.GONE))
    with pytest.raises(Refusal, match="andere administratie"):
        missing.send_again(vos.deps, vos.actor, vos.order_id)
    missing.let_go(vos.deps, vos.actor, vos.order_id, "daar opgezegd")
    assert press.present_posting(vos.order_id) is None
    assert asked(sandbox) == before


def test_what_certainly_did_not_arrive_goes_to_the_new_administration_under_a_number_of_its_own(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT023", "act": "never"}])
    assert press.approve(vos.deps, vos.actor, vos.order_id).state == states.REFUSED
    old = live(vos).number
    move(vos, sandbox)
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert (live(vos).administration, live(vos).number) == (2, next_after(old))
    assert (books(sandbox, "demo"), books(sandbox, "bouw")) == ([], [next_after(old)])
    numbers = select(InvoiceNumber.administration, InvoiceNumber.number, InvoiceNumber.state)
    assert sorted(db.session.execute(numbers)) == [
        (1, old, states.FREE), (2, next_after(old), states.NUMBER_POSTED),
    ]  # fmt: skip
    assert [one.state for one in issued_numbers.all_()] == [states.EMPTY, states.NUMBER_POSTED]


def next_after(number: str) -> str:
    return f"{number[:-4]}{int(number[-4:]) + 1:04}"


def test_a_series_belongs_to_its_administration_and_the_next_goes_on_where_the_one_before_was(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    first = live(vos).number
    move(vos, sandbox)
    assert invoice_settings.present().next_number == int(first[-4:]) + 1
    invoice_settings.save(vos.actor, replace(invoice_settings.present(), prefix="B", next_number=1))
    link_with(vos, sandbox, "demo")
    assert (invoice_settings.present().prefix, invoice_settings.present().next_number) == ("WB", int(first[-4:]) + 1)
    link_with(vos, sandbox, "bouw")
    assert (invoice_settings.present().prefix, invoice_settings.present().next_number) == ("B", 1)


def test_the_same_number_in_two_administrations_is_two_numbers(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    press.approve(vos.deps, vos.actor, vos.order_id)
    number = live(vos).number
    move(vos, sandbox)
    invoice_settings.save(vos.actor, replace(invoice_settings.present(), next_number=int(number[-4:])))
    other = make_order(vos.actor, vos.relation_id)
    assert press.approve(vos.deps, vos.actor, other).state == states.POSTED
    assert (books(sandbox, "demo"), books(sandbox, "bouw")) == ([number], [number])
    rows = issued_numbers.all_()
    assert [(one.number, one.order_id) for one in rows] == [(number, vos.order_id), (number, other)]


def test_a_bulk_job_does_not_go_on_in_another_administration(vos: SimpleNamespace, sandbox: Sandbox) -> None:
    job = bulk.start(vos.deps, vos.actor, [(vos.order_id, 1)])
    move(vos, sandbox)
    before = asked(sandbox)
    assert bulk.carry_out(vos.deps, vos.actor, job) == 0
    assert bulk.progress(job).job.reason == bulk.ANOTHER
    assert asked(sandbox) == before


def test_a_press_of_a_job_refuses_when_the_link_changed_after_the_job_looked(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    move(vos, sandbox)
    with write_transaction() as session:
        of = press.Job(database_now(session), 1)
    with pytest.raises(connection.LinkChanged):
        press.approve(vos.deps, vos.actor, vos.order_id, job=of)
    assert asked(sandbox) == 0


def test_where_the_call_leaves_another_administration_is_refused_whatever_came_before(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    credentials = connection.active_credentials(vos.deps)
    assert credentials is not None
    with write_transaction() as session:
        order, _here = intending.load_for_invoice(session, vos.order_id)
        on = today(session)
        ours = preflight.draft(candidate(order, connection.present(), on), "WB2026-0001", on)
        row = posting.new_posting(session, "WB2026-0001", 2)
        session.add(row)
        session.add(InvoiceNumber(administration=2, number="WB2026-0001", prefix="WB", year=2026, serial=1,
                                  state=states.HELD, changed_at=database_now(session)))  # fmt: skip
        intent = posting.begin(session, vos.deps, vos.actor, row, ours)
    assert posting.carry_out(vos.deps, vos.actor, credentials, intent) == states.NOT_SENT
    with pytest.raises(BookkeepingError):
        posting.find(vos.deps, vos.actor, credentials, 2, ours)
    assert [sandbox.calls("demo", operation) for operation in ASKS] == [[], []]


def test_one_that_nobody_can_look_up_any_more_is_let_go_and_the_order_goes_to_the_new_administration(
    vos: SimpleNamespace, sandbox: Sandbox
) -> None:
    number = lost(vos, sandbox)
    with pytest.raises(Refusal, match="nog onderweg"):
        press.give_up(vos.actor, vos.order_id, "kan nog opgezocht worden")
    move(vos, sandbox)
    press.give_up(vos.actor, vos.order_id, "de oude administratie is opgeheven")
    numbers = select(InvoiceNumber.state).where(InvoiceNumber.number == number)
    assert db.session.scalars(numbers).all() == [states.VOID]
    assert press.send(vos.deps, vos.actor, vos.order_id).state == states.POSTED
    assert (books(sandbox, "demo"), books(sandbox, "bouw")) == ([number], [next_after(number)])
