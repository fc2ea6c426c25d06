"""An invoice goes to the customer it is for: the code is looked up over there, and one that moved keeps it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import posting as states
from domain.limits import Limits
from gateways.bookkeeping import RemoteRelation
from models import InvoicePosting, Relation
from services.catalogue import relations
from services.invoicing import bulk, press
from services.invoicing.claims import Changed
from services.invoicing.press import Blocked
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_bulk import seen
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox

CODE, OTHER = "1002", "1003"
COLD = pytest.mark.times(customer_seen=timedelta(0))  # nobody counts as seen for longer than an instant


def row_of(code: str) -> Relation:
    """Our customer with this code."""
    db.session.rollback()
    return db.session.scalars(select(Relation).where(Relation.code == code)).one()


@pytest.fixture
def customer(vos: SimpleNamespace, sandbox: Sandbox) -> UUID:
    """A customer that was read in, whom nobody asked for since."""
    relations.sync(vos.deps, vos.actor)
    return row_of(CODE).id


def change_there(sandbox: Sandbox, code: str, **fields: Any) -> None:
    """Somebody changes a relation in the books."""
    rows = [row | (fields if row["Code"] == code else {}) for row in sandbox.relations("demo")]
    sandbox.relations("demo", rows)


def swap(sandbox: Sandbox) -> None:
    """Two relations get one another's codes in the books."""
    turned = {CODE: OTHER, OTHER: CODE}
    rows = [row | {"Code": turned.get(row["Code"], row["Code"])} for row in sandbox.relations("demo")]
    sandbox.relations("demo", rows)


def calls_of(sandbox: Sandbox, deed: Any) -> list[str]:
    """The operations that were called meanwhile."""
    before = len(sandbox.calls("demo"))
    deed()
    return [call["operation"] for call in sandbox.calls("demo")[before:]]


def note_of(posting_id: UUID | None) -> Any:
    """What is said of a posting."""
    db.session.rollback()
    return db.session.scalars(select(InvoicePosting).where(InvoicePosting.id == posting_id)).one().note


def test_a_code_that_moved_to_somebody_else_keeps_the_invoice_back(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    order_id = make_order(vos.actor, customer)
    swap(sandbox)
    with pytest.raises(Blocked) as blocked:
        press.approve(vos.deps, vos.actor, order_id)
    assert [one.key for one in blocked.value.blockers] == ["customer"]
    assert sandbox.invoices("demo") == []
    assert press.present_posting(order_id) is None, "and no number was taken"

    relations.sync(vos.deps, vos.actor)  # as the blocker says
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED
    (invoice,) = sandbox.invoices("demo")
    assert invoice["Relatiecode"] == OTHER, "the customer's own code by now"


def test_a_press_makes_one_call_when_the_customer_was_seen_and_else_two(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    first, second = make_order(vos.actor, customer), make_order(vos.actor, customer)
    assert calls_of(sandbox, lambda: press.approve(vos.deps, vos.actor, first)) == ["GetRelaties", "AddFactuur"]
    assert calls_of(sandbox, lambda: press.approve(vos.deps, vos.actor, second)) == ["AddFactuur"]
    asked = sandbox.calls("demo", "GetRelaties")[-1]
    assert asked["sent"]["cFilter"]["Code"] == CODE


@pytest.mark.parametrize("ago", [timedelta(minutes=11), -timedelta(minutes=11)], ids=["long ago", "clock put back"])
@pytest.mark.times(customer_seen=timedelta(minutes=10))
def test_what_was_seen_at_another_time_is_asked_again(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID, ago: timedelta
) -> None:
    with write_transaction() as session:
        relations.locked(session, customer).seen_there_at = datetime.now(UTC) - ago
    order_id = make_order(vos.actor, customer)
    assert calls_of(sandbox, lambda: press.approve(vos.deps, vos.actor, order_id)) == ["GetRelaties", "AddFactuur"]


def test_a_look_up_that_fails_sends_nothing_and_says_so(vos: SimpleNamespace, sandbox: Sandbox, customer: UUID) -> None:
    order_id = make_order(vos.actor, customer)
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    pressed = press.approve(vos.deps, vos.actor, order_id)
    assert pressed.state == states.NOT_SENT
    assert sandbox.calls("demo", "AddFactuur") == []
    row = press.present_posting(order_id)
    assert row
    assert row.why.key == "posting.customer_not_asked"
    assert press.send(vos.deps, vos.actor, order_id).state == states.POSTED


def test_lists_that_fail_do_not_keep_the_customer_of_an_invoice_from_being_asked(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 5}])
    for _ in range(5):
        relations.sync(vos.deps, vos.actor)
    assert relations.sync(vos.deps, vos.actor).error.key == "call.resting"
    order_id = make_order(vos.actor, customer)
    assert press.approve(vos.deps, vos.actor, order_id).state == states.POSTED


def test_the_customers_new_name_and_address_are_taken_over_and_said(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    before = row_of(CODE).name
    change_there(sandbox, CODE, Bedrijf="De Opvolger B.V.", Plaats="Delft")
    pressed = press.approve(vos.deps, vos.actor, make_order(vos.actor, customer))
    assert pressed.state == states.POSTED
    row = row_of(CODE)
    assert (row.name, row.city) == ("De Opvolger B.V.", "Delft")
    said = note_of(pressed.posting_id)
    assert said.key == "posting.customer_changed"
    assert said.values == {"code": CODE, "before": before, "there": "De Opvolger B.V., Delft"}


def test_a_customer_made_here_is_recognised_by_its_name_and_else_kept_back(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    there, other = row_of(CODE).remote_id, row_of(OTHER).id
    with write_transaction() as session:
        for relation_id in (customer, other):
            row = relations.locked(session, relation_id)
            row.remote_id = None
            row.name = row.name.upper() if relation_id == customer else "Heel iemand anders"
    assert press.approve(vos.deps, vos.actor, make_order(vos.actor, customer)).state == states.POSTED
    assert row_of(CODE).remote_id == there
    with pytest.raises(Blocked):
        press.approve(vos.deps, vos.actor, make_order(vos.actor, other))
    assert len(sandbox.invoices("demo")) == 1


def test_a_customer_of_ours_whose_code_is_another_customers_there_is_kept_back_by_id(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    """By the id it is the other one, though the name fits."""
    there = row_of(CODE)
    with write_transaction() as session:
        relations.locked(session, customer).code = None
        twin = Relation(code=CODE, name=there.name)
        session.add(twin)
        session.flush()
        twin_id = twin.id
    with pytest.raises(Blocked):
        press.approve(vos.deps, vos.actor, make_order(vos.actor, twin_id))


def test_a_customer_that_is_gone_there_is_refused_by_themselves(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID
) -> None:
    sandbox.relations("demo", {"remove": [CODE]})
    assert press.approve(vos.deps, vos.actor, make_order(vos.actor, customer)).state == states.REFUSED


@COLD
def test_a_bulk_job_asks_once_for_each_customer(vos: SimpleNamespace, sandbox: Sandbox, customer: UUID) -> None:
    order_ids = [make_order(vos.actor, customer) for _ in range(3)]
    order_ids += [make_order(vos.actor, row_of(OTHER).id) for _ in range(2)]
    job_id = bulk.start(vos.deps, vos.actor, seen(order_ids))
    called = calls_of(sandbox, lambda: bulk.carry_out(vos.deps, vos.actor, job_id))
    assert called.count("AddFactuur") == 5
    assert called.count("GetRelaties") == 2


def test_another_code_than_was_looked_up_is_not_sent(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody gives the customer another code while it is being looked up."""
    order_id = make_order(vos.actor, customer)

    class Meanwhile:
        limits: Limits = vos.deps.bookkeeping.limits

        def __getattr__(self, name: str) -> Any:
            return getattr(vos.deps.bookkeeping, name)

        def relation(self, *given: Any, **also: Any) -> RemoteRelation | None:
            found: RemoteRelation | None = vos.deps.bookkeeping.relation(*given, **also)
            with write_transaction() as session:
                relations.locked(session, customer).code = "4242"
            return found

    with pytest.raises(Changed):
        press.approve(replace(vos.deps, bookkeeping=Meanwhile()), vos.actor, order_id)
    assert sandbox.invoices("demo") == []


@pytest.mark.parametrize("name", ["", "\u200b"])
@COLD
def test_one_that_has_no_name_there_is_the_same_to_a_reading_and_to_a_press(
    vos: SimpleNamespace, sandbox: Sandbox, customer: UUID, name: str
) -> None:
    change_there(sandbox, CODE, Bedrijf=name, Contactpersoon="Jan Jansen")
    relations.sync(vos.deps, vos.actor)
    assert row_of(CODE).name == "Jan Jansen"
    pressed = press.approve(vos.deps, vos.actor, make_order(vos.actor, customer))
    assert (pressed.state, bool(note_of(pressed.posting_id))) == (states.POSTED, False)
    with write_transaction() as session:
        relations.locked(session, customer).remote_id = None
    assert press.approve(vos.deps, vos.actor, make_order(vos.actor, customer)).state == states.POSTED
    assert row_of(CODE).id == customer
