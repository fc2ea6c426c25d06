"""The customer's own order number: asked of who wants it, shown, kept back without it, and on the first line."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import AuditEntry, InvoicePosting, Relation, WorkOrder
from services.invoicing import bulk
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

MISSING = "Het ordernummer van de klant ontbreekt"
ASKED = "Deze klant neemt geen factuur aan zonder."


@pytest.fixture
def bon(cast: SimpleNamespace) -> str:
    """The address of the executed order of Vos."""
    return f"/t/vos/work-orders/{cast.vos.order_id}"


@pytest.fixture
def asking(cast: SimpleNamespace) -> UUID:
    """The customer of Vos, who now asks for its number."""
    process("vos")
    with write_transaction() as session:
        session.scalars(select(Relation).where(Relation.id == cast.vos.relation_id)).one().asks_order_number = True
    relation_id: UUID = cast.vos.relation_id
    return relation_id


def number_is(order_id: UUID, number: str) -> None:
    """This number stands on the order, past the screens."""
    process("vos")
    with write_transaction() as session:
        session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one().customer_order_number = number


def told(order_id: UUID) -> list[dict[str, str]]:
    """What the trail tells of the number."""
    process("vos")
    query = select(AuditEntry.data).where(
        AuditEntry.event == "work_order.order_number", AuditEntry.subject_id == order_id
    )
    return list(db.session.scalars(query.order_by(AuditEntry.id)))


def test_the_relation_says_whether_it_asks_and_a_reader_reads_it(client_as: Any, cast: SimpleNamespace) -> None:
    address = f"/t/vos/relations/{cast.vos.relation_id}"
    client = client_as("planner")
    assert 'name="asks_order_number"' in client.get(address).text
    assert "Vraagt op de factuur" not in client_as("reader").get(address).text
    answer = client.post(f"{address}/notes", data={"asks_order_number": "y", "notes": "Meldt zich bij de poort"})
    assert answer.status_code == 303
    page = client.get(address).text
    assert re.search(r'<input[^>]*checked[^>]*name="asks_order_number"', page)
    assert "Meldt zich bij de poort" in page
    assert "Vraagt op de factuur haar eigen ordernummer." in client_as("reader").get(address).text
    client.post(f"{address}/notes", data={"notes": "Meldt zich bij de poort"})
    assert "Vraagt op de factuur" not in client_as("reader").get(address).text


def test_the_form_says_that_this_customer_asks_and_saves_without(
    client_as: Any, cast: SimpleNamespace, asking: UUID
) -> None:
    client = client_as("planner")
    assert ASKED not in client.get(f"{LIST}new").text
    assert ASKED in client.get(f"{LIST}new", query_string={"relation": str(asking)}).text
    picked = client.htmx_get(f"{LIST}locations", query_string={"relation_id": str(asking)}).text
    assert 'id="order-number-asked" hx-swap-oob="true"' in picked
    assert ASKED in picked
    assert ASKED not in client.htmx_get(f"{LIST}locations").text
    order = order_at(client.post(LIST, data=typed(relation_id=str(asking))))
    assert order.customer_order_number == ""
    page = folded(client.get(f"{LIST}{order.id}").text)
    assert MISSING in page
    assert "nog niet ingevuld" in page
    assert ASKED in client.get(f"{LIST}{order.id}/edit").text


def test_a_number_is_kept_shown_changed_and_told(client_as: Any, cast: SimpleNamespace) -> None:
    client = client_as("planner")
    order = order_at(client.post(LIST, data=typed(customer_order_number="  4500123 ")))
    assert order.customer_order_number == "4500123"
    assert told(order.id) == []
    page = client.get(f"{LIST}{order.id}")
    assert "4500123" in page.text
    assert 'value="4500123"' in client.get(f"{LIST}{order.id}/edit").text
    for number in ("4500124", "4500124", ""):
        answer = client.post(f"{LIST}{order.id}/edit", data=typed(customer_order_number=number))
        assert answer.status_code == 303
    assert told(order.id) == [{"before": "4500123", "after": "4500124"}, {"before": "4500124", "after": "–"}]
    assert "Ordernummer van de klant: 4500123 → 4500124" in folded(client.get(f"{LIST}{order.id}").text)


def test_a_number_that_is_too_long_is_refused_beside_the_field(client_as: Any) -> None:
    answer = client_as("planner").post(LIST, data=typed(customer_order_number="4" * 51))
    assert answer.status_code == 422
    assert 'id="customer_order_number-error"' in answer.text
    assert "4" * 51 in answer.text
    assert order_at(client_as("planner").post(LIST, data=typed(customer_order_number="4" * 50))).number


@pytest.mark.parametrize("page", ["", "/report"])
def test_the_mechanic_sees_it(client_as: Any, cast: SimpleNamespace, page: str) -> None:
    process("vos")
    order_id = make_order(
        process("vos"), cast.vos.relation_id, state="draft", worker_id=cast.vos.worker_id,
        planned_on=order_of(cast.vos.order_id).executed_on, customer_order_number="PO <45>",
    )  # fmt: skip
    text = folded(client_as("worker").get(f"{LIST}{order_id}{page}").text)
    assert "Ordernummer van de klant: PO &lt;45&gt;" in text


@pytest.mark.parametrize("who", ["planner", "owner", "office"])
def test_without_it_nothing_goes_out_and_the_way_leads_to_the_field(
    client_as: Any, sandbox: Sandbox, bon: str, asking: UUID, who: str
) -> None:
    client = client_as(who)
    page = folded(client.get(bon).text)
    assert MISSING in page
    assert f'href="{bon}/edit#customer_order_number"' in page
    assert 'id="customer_order_number"' in client.get(f"{bon}/edit").text
    for answer in (client.post(f"{bon}/approve"), client.htmx_post(f"{bon}/approve")):
        assert answer.status_code == 422
        assert MISSING in answer.text
        assert "neemt geen factuur aan zonder haar eigen ordernummer" in answer.text
    process("vos")
    assert db.session.scalars(select(InvoicePosting)).all() == []
    assert sandbox.invoices("demo") == []
    assert order_of(UUID(bon.rsplit("/", 1)[1])).state == "done"


def test_with_it_the_first_line_says_it_as_the_preview_did(
    client_as: Any, sandbox: Sandbox, bon: str, asking: UUID, vos: Any
) -> None:
    number_is(vos.order_id, "4500123")
    said = (
        f"Werkbon {vos.order_number}, uw ordernummer 4500123, uitgevoerd 18-11-2026, Dorpsstraat 1, Waterveen: Arbeid"
    )
    assert said in folded(client_as("planner").get(bon).text)
    client_as("planner").htmx_post(f"{bon}/approve")
    (invoice,) = sandbox.invoices("demo")
    assert invoice["Regels"][0]["Omschrijving"].startswith(said)


def test_in_one_go_it_is_held_back_with_the_way_to_mend_it(
    client_as: Any, sandbox: Sandbox, asking: UUID, vos: Any
) -> None:
    number_is(vos.order_id, "4500123")
    without = make_order(process("vos"), asking)
    page = folded(
        client_as("planner").post("/t/vos/bulk/preview", data={"order": [str(vos.order_id), str(without)]}).text
    )
    assert f'href="/t/vos/work-orders/{without}/edit#customer_order_number"' in page
    assert re.findall(r'name="order" value="([^":]+)', page) == [str(vos.order_id)]
    actor = process("vos")
    versions = dict(db.session.execute(select(WorkOrder.id, WorkOrder.version)).all())
    both = [(one, versions[one]) for one in (without, vos.order_id)]
    job = bulk.start(vos.deps, actor, both)
    bulk.carry_out(vos.deps, actor, job)
    db.session.rollback()
    rows = {row.order.id: row for row in bulk.progress(job).rows}
    assert (rows[without].state, rows[vos.order_id].state) == ("skipped", "posted")
    assert MISSING in str(rows[without].text)
    (invoice,) = sandbox.invoices("demo")
    assert "4500123" in invoice["Regels"][0]["Omschrijving"]


def test_what_cannot_be_sent_in_it_is_said_beforehand(client_as: Any, sandbox: Sandbox, bon: str, vos: Any) -> None:
    number_is(vos.order_id, "45\x07")
    page = client_as("planner").post(f"{bon}/approve")
    assert page.status_code == 422
    assert "Ordernummer van de klant bevat een teken dat niet mee kan" in folded(page.text)
    assert f'href="{bon}/edit#customer_order_number"' in page.text
    assert sandbox.invoices("demo") == []


def test_two_who_edit_the_form_do_not_undo_each_others_number(client_as: Any, vos: Any) -> None:
    order = order_at(client_as("planner").post(LIST, data=typed(customer_order_number="1")))
    address = f"{LIST}{order.id}/edit"
    opened = re.findall(r'name="opened" value="([^"]+)"', client_as("owner").get(address).text)[0]
    client_as("planner").post(address, data=typed(customer_order_number="2"))
    kept = client_as("owner").post(address, data=typed(title="Anders", customer_order_number="1", opened=opened))
    assert kept.status_code == 303
    assert order_of(order.id).customer_order_number == "2"
    asked = client_as("owner").post(address, data=typed(customer_order_number="3", opened=opened))
    assert asked.status_code == 422
    assert "Neem over wat er nu staat" in asked.text
    assert order_of(order.id).customer_order_number == "2"
