"""A reading that finds a code with somebody else raises the invoices that went out under it since it was seen right."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.message import Refusal
from models import AuditEntry, InvoicePosting, WorkOrder
from services.catalogue import relations, remote_relations
from services.invoicing import moved, press
from services.link import connection
from services.orders import attention
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_customer_of_an_invoice import CODE, OTHER, change_there, row_of, swap
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox

LATER = timedelta(minutes=5)


def raised() -> dict[UUID, Any]:
    """The orders of the invoices that are raised, each with what is said."""
    db.session.rollback()
    query = select(WorkOrder.id, InvoicePosting.code_moved).select_from(InvoicePosting).join(InvoicePosting.orders)
    return {row[0]: row[1] for row in db.session.execute(query.where(InvoicePosting.code_moved_at.is_not(None)))}


def posted(vos: SimpleNamespace, code: str = CODE) -> UUID:
    """An order whose invoice was posted just now for the customer with this code."""
    order_id = make_order(vos.actor, row_of(code).id)
    assert press.approve(vos.deps, vos.actor, order_id).state == "posted"
    return order_id


@pytest.fixture
def before(vos: SimpleNamespace, sandbox: Sandbox, leap: Any) -> UUID:
    """An order whose customer was looked up for it; minutes ago."""
    relations.sync(vos.deps, vos.actor)
    leap(LATER)
    order_id = posted(vos)
    leap(LATER)
    return order_id


def test_what_went_out_warm_is_raised_and_what_was_looked_up_is_not(
    vos: SimpleNamespace, sandbox: Sandbox, before: UUID
) -> None:
    name = row_of(CODE).name
    swap(sandbox)
    after = posted(vos)  # the customer was seen minutes ago, so nobody asked
    relations.sync(vos.deps, vos.actor)
    said = raised()
    assert set(said) == {after}
    assert said[after].key == "posting.code_moved"
    assert (said[after].values["code"], said[after].values["name"]) == (CODE, name)
    events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.event == "invoice.code_moved")).all()
    assert len(events) == 1


def test_both_customers_of_a_swap_are_looked_at(
    vos: SimpleNamespace, sandbox: Sandbox, before: UUID, leap: Any
) -> None:
    posted(vos, OTHER)
    leap(LATER)
    swap(sandbox)
    orders = {posted(vos, CODE), posted(vos, OTHER)}
    relations.sync(vos.deps, vos.actor)
    assert set(raised()) == orders


def test_a_reading_that_still_saw_it_right_clears_what_went_out_before(
    vos: SimpleNamespace, sandbox: Sandbox, before: UUID, leap: Any
) -> None:
    posted(vos)
    leap(LATER)
    relations.sync(vos.deps, vos.actor)
    swap(sandbox)
    relations.sync(vos.deps, vos.actor)
    assert raised() == {}


def test_one_customer_that_is_fetched_by_code_raises_as_well(
    vos: SimpleNamespace, sandbox: Sandbox, before: UUID
) -> None:
    swap(sandbox)
    after = posted(vos)
    remote_relations.fetch(vos.deps, vos.actor, CODE)
    assert set(raised()) == {after}


def test_a_code_that_went_to_somebody_new_there(vos: SimpleNamespace, sandbox: Sandbox, before: UUID) -> None:
    rows = sandbox.relations("demo")
    ours = next(row for row in rows if row["Code"] == CODE)
    new = ours | {"ID": 987654, "Bedrijf": "De Opvolger B.V."}
    sandbox.relations("demo", [row for row in rows if row["Code"] != CODE] + [new])
    after = posted(vos)
    relations.sync(vos.deps, vos.actor)
    said = raised()
    assert set(said) == {after}
    assert said[after].values["there"] == "De Opvolger B.V."


def test_a_new_name_or_new_codes_of_ones_own_raise_nothing(
    vos: SimpleNamespace, sandbox: Sandbox, before: UUID
) -> None:
    posted(vos)
    change_there(sandbox, CODE, Bedrijf="De Opvolger B.V.")
    relations.sync(vos.deps, vos.actor)
    change_there(sandbox, CODE, Code="4242")
    relations.sync(vos.deps, vos.actor)
    assert raised() == {}


def test_another_administration_is_no_code_that_moved(vos: SimpleNamespace, sandbox: Sandbox, before: UUID) -> None:
    posted(vos)
    swap(sandbox)
    with write_transaction() as session:
        connection.locked(session).administration_number = 2
    relations.sync(vos.deps, vos.actor)
    assert raised() == {}


def test_it_needs_attention_until_the_owner_says_what_was_found(
    vos: SimpleNamespace, sandbox: Sandbox, before: UUID
) -> None:
    count = attention.count(vos.actor)
    swap(sandbox)
    after = posted(vos)
    relations.sync(vos.deps, vos.actor)
    db.session.rollback()
    assert attention.count(vos.actor) == count + 1
    assert next((one.order.id, one.state) for one in attention.items()) == (after, "code_moved")
    with pytest.raises(Refusal):
        moved.settle(vos.actor, after, "  ")
    moved.settle(vos.actor, after, "Stond op de verkeerde; daar verbeterd")
    with pytest.raises(Refusal, match="al afgehandeld"):
        moved.settle(vos.actor, after, "nog eens")
    assert raised() == {}
    assert attention.count(vos.actor) == count
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "invoice.code_move_settled")).one()
    assert entry.data["reason"] == "Stond op de verkeerde; daar verbeterd"
    relations.sync(vos.deps, vos.actor)
    assert raised() == {}, "and it is not raised anew"
