"""Customers of another administration: who is sure is taken at once, the others one by one, or put aside."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import same_customer
from domain.message import Refusal
from domain.relation import RelationDetails
from models import AuditEntry, Relation, WorkOrder
from services.catalogue import elsewhere, relations
from services.catalogue.use_instead import NotSure, use_instead
from services.invoicing import press
from services.orders import attention
from services.transaction import write_transaction
from tenancy.database import db
from tests.services.test_administrations import link_with
from tests.support.cast import make_order
from tests.support.sandbox_process import Sandbox

OVEN = RelationDetails("Bakkerij De Oven", postcode="1234 AB", email="info@deoven.example", coc_number="12345678")


@pytest.mark.parametrize(
    ("other", "sure"),
    [
        ({}, True),
        ({"name": "BAKKERIJ DE OVEN B.V."}, True),
        ({"name": "De Oven"}, False),
        ({"postcode": "9999 ZZ"}, False),
        ({"coc_number": "87654321"}, False),
        ({"coc_number": "", "email": "", "postcode": "1234ab"}, True),
        ({"coc_number": "", "email": "", "postcode": ""}, False),
        ({"coc_number": "", "postcode": ""}, True),
        ({"email": "anders@deoven.example"}, True),
    ],
)
def test_what_is_sure(other: dict[str, Any], sure: bool) -> None:
    assert same_customer.surely(OVEN, replace(OVEN, **other)) is sure
    assert same_customer.surely(replace(OVEN, **other), OVEN) is sure


def test_a_number_that_differs_makes_a_branch_of_it() -> None:
    mine, theirs = replace(OVEN, vat_number="NL001234567B01"), replace(OVEN, vat_number="NL001234567B02")
    assert not same_customer.surely(mine, theirs)


def row_of(relation_id: UUID) -> Relation | None:
    db.session.rollback()
    return db.session.scalars(select(Relation).where(Relation.id == relation_id)).one_or_none()


def waiting() -> dict[str, elsewhere.Waiting]:
    db.session.rollback()
    return {one.relation.name: one for one in elsewhere.page().rows}


@pytest.fixture
def moved(vos: SimpleNamespace, sandbox: Sandbox) -> dict[str, UUID]:
    """Customers of the first administration, of whom the second knows some under other codes; by name."""
    sandbox.reset("bouw")
    sandbox.relations(
        "demo",
        [
            {"Code": "1001", "Bedrijf": "Familie Vos", "Postcode": "1234 AB"},
            {"Code": "1500", "Bedrijf": "Bakkerij De Oven", "Postcode": "2345 BC", "Email": "info@deoven.example"},
            {"Code": "1501", "Bedrijf": "De Linde", "Postcode": "3456 CD"},
            {"Code": "1502", "Bedrijf": "Alleen daar", "Postcode": "4567 DE"},
            {"Code": "1503", "Bedrijf": "Twee keer", "Postcode": "5678 EF"},
        ],
    )
    relations.sync(vos.deps, vos.actor)
    sandbox.relations(
        "bouw",
        [
            {"Code": "77", "Bedrijf": "Bakkerij De Oven B.V.", "Postcode": "2345BC"},
            {"Code": "78", "Bedrijf": "Installaties De Linde", "Postcode": "3456 CD"},
            {"Code": "79", "Bedrijf": "De Linde", "Postcode": "9999 ZZ", "Email": "x@linde.example"},
            {"Code": "80", "Bedrijf": "Twee keer", "Postcode": "5678 EF", "Plaats": "Delft"},
            {"Code": "81", "Bedrijf": "Twee keer", "Postcode": "5678 EF", "Plaats": "Gouda"},
            {"Code": "1502", "Bedrijf": "Een heel ander", "Postcode": "8888 YY"},
        ],
    )
    link_with(vos, sandbox, "bouw")
    return {name: one.relation.id for name, one in waiting().items()}


def test_who_waits_and_who_is_sure(vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]) -> None:
    found = waiting()
    assert sorted(found) == ["Alleen daar", "Bakkerij De Oven", "De Linde", "Familie Vos", "Twee keer"]
    assert {name for name, one in found.items() if one.sure} == {"Bakkerij De Oven"}
    assert [one.code for one in found["Twee keer"].alike] == ["80", "81"], "either may be it, so neither is sure"
    assert (elsewhere.count(), attention.count(vos.actor)) == (5, 1)


def test_all_that_are_sure_are_taken_at_once_with_an_entry_each(
    vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    order_id = make_order(vos.actor, moved["Bakkerij De Oven"])
    taken = elsewhere.take_sure(vos.actor)
    assert (taken.count, taken.held, taken.after) == (1, 0, "")
    assert row_of(moved["Bakkerij De Oven"]) is None
    new = db.session.scalars(select(Relation).where(Relation.code == "77")).one()
    assert db.session.scalars(select(WorkOrder.relation_id).where(WorkOrder.id == order_id)).one() == new.id
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "relation.same_as")).all()
    assert [one.subject_name for one in told] == ["Bakkerij De Oven B.V."]
    db.session.rollback()
    press.approve(vos.deps, vos.actor, order_id)
    assert [one["Relatiecode"] for one in sandbox.invoices("bouw")] == ["77"]
    assert elsewhere.take_sure(vos.actor).count == 0


def test_two_of_ours_that_are_one_are_not_sure(vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]) -> None:
    with write_transaction() as session:
        row = relations.locked(session, moved["Alleen daar"])
        row.name, row.postcode = "Bakkerij De Oven", "2345 BC"
    assert elsewhere.take_sure(vos.actor).count == 0


def test_nothing_is_sure_before_the_customers_of_there_are_read(
    vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    assert elsewhere.there().read
    link_with(vos, sandbox, "demo")
    sandbox.mischief("bouw", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    link_with(vos, sandbox, "bouw")
    assert not elsewhere.there().read
    with pytest.raises(Refusal):
        elsewhere.take_sure(vos.actor)
    relations.sync(vos.deps, vos.actor)
    assert elsewhere.there().read


def test_what_is_no_longer_sure_under_the_lock_is_not_taken(
    vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    sure = waiting()["Bakkerij De Oven"].sure
    assert sure
    with write_transaction() as session:
        relations.locked(session, sure.id).postcode = "1111 XX"
    with pytest.raises(NotSure):
        use_instead(vos.actor, moved["Bakkerij De Oven"], sure.id, sure=True)
    assert row_of(moved["Bakkerij De Oven"]) is not None


def test_one_is_put_aside_and_brought_back_and_a_reading_takes_it_up(
    vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]
) -> None:
    one = moved["Familie Vos"]
    elsewhere.put_aside(vos.actor, one)
    assert "Familie Vos" not in waiting()
    assert [hit.id for hit in relations.find("Familie Vos", 5)] == []
    elsewhere.bring_back(vos.actor, one)
    assert "Familie Vos" in waiting()
    elsewhere.put_aside(vos.actor, one)
    sandbox.relations("bouw", {"add": [{"Code": "1001", "Bedrijf": "Familie Vos"}]})
    relations.sync(vos.deps, vos.actor)
    row = row_of(one)
    assert row is not None
    assert (row.vanished_at, row.remote_id is None) == (None, False)
    with pytest.raises(Refusal):
        elsewhere.put_aside(vos.actor, one)
    events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.like("relation.%"))).all()
    assert (events.count("relation.put_aside"), events.count("relation.brought_back")) == (2, 1)


def test_all_the_rest_is_put_aside_and_nobody_of_here(
    vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = relations.create(vos.actor, RelationDetails("Hier gemaakt"))
    monkeypatch.setattr(elsewhere, "_BATCH", 2)
    assert elsewhere.put_aside_all(vos.actor) == 5
    assert (waiting(), elsewhere.count(), attention.count(vos.actor)) == ({}, 0, 0)
    assert {row_of(one).vanished_at is not None for one in moved.values()} == {True}
    assert row_of(mine).vanished_at is None
    assert db.session.scalars(select(Relation).where(Relation.code == "77")).one().vanished_at is None


def test_more_than_fit_in_one_press_are_gone_through_in_several(
    vos: SimpleNamespace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty wait and every second one is sure: a press looks at a page of fifty."""
    sandbox.reset("bouw")
    names = [f"Klant {n:03d}" for n in range(60)]
    sandbox.relations(
        "demo", [{"Code": f"{5000 + n}", "Bedrijf": one, "Postcode": f"{5000 + n} AB"} for n, one in enumerate(names)]
    )
    relations.sync(vos.deps, vos.actor)
    rows = [{"Code": f"{n + 1}", "Bedrijf": one, "Postcode": f"{5000 + n} AB"} for n, one in enumerate(names) if n % 2]
    sandbox.relations("bouw", rows)
    link_with(vos, sandbox, "bouw")
    monkeypatch.setattr(elsewhere, "AT_ONCE", 50)
    first = elsewhere.take_sure(vos.actor)
    assert first.after
    second = elsewhere.take_sure(vos.actor, first.after)
    assert (first.count + second.count, second.after) == (30, "")
    assert not any(one.sure for one in waiting().values())


def test_a_code_names_only_who_is_there(vos: SimpleNamespace, sandbox: Sandbox, moved: dict[str, UUID]) -> None:
    found = db.session.scalars(select(Relation.id).where(Relation.code == "78")).one()
    assert elsewhere.with_code(" 78 ") == found
    for code in ("1001", "1503", "", "x"):
        with pytest.raises(Refusal) as told:
            elsewhere.with_code(code)
        assert told.value.field == "code"
