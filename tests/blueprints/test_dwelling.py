"""Work on dwellings at the low rate: the declaration is asked once, kept where it belongs, and can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import AuditEntry, BulkItem, Location, WorkOrder
from services.catalogue import locations
from services.catalogue.locations import LocationInput
from services.company import tenants
from services.invoicing import bulk
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.blueprints.test_work_orders import LIST, order_of
from tests.support.cast import line, make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

LABOUR = line(vat_code="low", description="Schilderwerk kozijnen")
PAINT = line(kind="material", vat_code="high", description="Verf", unit="blik", price=Decimal("40.00"), code="VERF")
ASKED = "een woning die ouder is dan twee jaar?"
NOT_YET = "Bij het plaatsen vraagt Crafter het."


def site_of(vos: Any) -> Location:
    process("vos")
    return db.session.scalars(select(Location).where(Location.id == vos.location_id)).one()


def told(event: str) -> list[Mapping[str, Any]]:
    """What the trail holds of this event."""
    process("vos")
    return [row.data for row in db.session.scalars(select(AuditEntry).where(AuditEntry.event == event))]


def ordered(vos: Any, with_site: bool = True, **fields: Any) -> UUID:
    """An executed order of labour at 9% and paint at 21%."""
    actor = process("vos")
    site = vos.location_id if with_site else None
    return make_order(actor, vos.relation_id, **{"lines": (LABOUR, PAINT), "location_id": site} | fields)


def declare(vos: Any, by: str = "Mw. De Vries") -> None:
    """At the work site, ahead of any press."""
    actor = process("vos")
    typed = LocationInput("Dorpsstraat 1", "Thuis", "", "Waterveen", "", True, today(db.session()), by)
    locations.edit(actor, vos.relation_id, vos.location_id, typed)
    tenants.leave()


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "without JavaScript"])
def test_a_press_asks_once_for_a_work_site_and_a_mixed_order_is_split_by_line(
    client_as: Any, vos: Any, sandbox: Sandbox, htmx: bool
) -> None:
    first, second = ordered(vos), ordered(vos)
    client = client_as("planner")
    post = client.htmx_post if htmx else client.post
    assert NOT_YET in folded(client.get(f"{LIST}{first}").text)
    for data in ({}, {"yes": "dwelling:"}, {"yes": f"dwelling:{vos.relation_id}"}):
        asked = post(f"{LIST}{first}/approve", data=data)
        assert asked.status_code == 422
        assert f"Is Dorpsstraat 1, Waterveen {ASKED}" in asked.text
        assert f'href="{LIST}{first}/edit"' in asked.text
    assert sandbox.calls("demo", "AddFactuur") == []
    assert (site_of(vos).declared, order_of(first).state, told("work_order.confirmed")) == (None, "done", [])

    assert post(f"{LIST}{first}/approve", data={"yes": f"dwelling:{vos.location_id}"}).status_code in {200, 303}
    process("vos")
    on = today(db.session())
    found = site_of(vos).declared
    assert found is not None
    assert (found.on, found.by) == (on, "Planner Vos")
    (event,) = told("location.dwelling_declared")
    assert (event["name"], event["by"]) == ("Thuis", "Planner Vos")
    assert len(told("work_order.confirmed")) == 1

    assert post(f"{LIST}{second}/approve").status_code in {200, 303}, "the site knows"
    codes = [[row["BTWCode"] for row in invoice["Regels"]] for invoice in sandbox.invoices("demo")]
    assert codes == [["LAAG_VERK_9", "HOOG_VERK_21"]] * 2
    for order_id in (first, second):
        assert "verklaard door Planner Vos op" in folded(client.get(f"{LIST}{order_id}").text)
        assert order_of(order_id).dwelling_declared_on == on


def test_what_is_asked_of_nobody(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    for lines, regime in (
        ((line(), PAINT), ""),
        ((line(), line(kind="material", vat_code="low")), ""),
        ((LABOUR,), "exempt"),
    ):
        order_id = ordered(vos, lines=lines, vat_regime=regime)
        assert "Laag btw-tarief op arbeid" not in client_as("planner").get(f"{LIST}{order_id}").text
        assert client_as("planner").post(f"{LIST}{order_id}/approve").status_code == 303
    assert len(sandbox.invoices("demo")) == 3


def test_without_a_work_site_the_order_keeps_it_until_it_is_taken_back(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    order_id = ordered(vos, with_site=False)
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    sandbox.mischief(
        "demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT028", "text": "x", "times": 1}]
    )
    yes = {"yes": f"dwelling:{vos.relation_id}"}
    assert "voor deze werklocatie niet meer" not in folded(client.post(f"{bon}/approve").text)
    client.post(f"{bon}/approve", data=yes)
    assert sandbox.invoices("demo") == []
    assert site_of(vos).declared is None
    assert "verklaard door Planner Vos op" in folded(client.get(bon).text)

    assert client.post(f"{bon}/dwelling-withdrawn").status_code == 303
    assert order_of(order_id).dwelling_declared_on is None
    (event,) = told("work_order.dwelling_withdrawn")
    assert event["by"] == "Planner Vos"
    assert "Ingetrokken: woning ouder dan twee jaar, verklaard door Planner Vos op" in folded(client.get(bon).text)
    assert client.post(f"{bon}/send").status_code == 422, "asked again"
    assert client.post(f"{bon}/send", data=yes).status_code == 303
    assert len(sandbox.invoices("demo")) == 1
    refused = client.post(f"{bon}/dwelling-withdrawn")
    assert refused.status_code == 422
    assert "blijft bij de bon staan" in refused.text
    assert order_of(order_id).dwelling_declared_on is not None


def test_an_order_that_goes_to_another_place_is_asked_about_again(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    order_id = ordered(vos, with_site=False)
    with write_transaction() as session:
        row = session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
        row.dwelling_declared_on, row.dwelling_declared_by = today(session), "Mw. De Vries"
    form = {
        "title": "Schilderen", "relation_id": str(vos.relation_id), "executed_on": "18-11-2026",
        "lines-0-kind": "hours", "lines-0-article": "40118", "lines-0-quantity": "2",
        "lines-0-price": "62,50", "lines-0-vat_code": "low",
    }  # fmt: skip
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    assert client.post(f"{bon}/edit", data=form).status_code == 303
    assert order_of(order_id).dwelling_declared_by == "Mw. De Vries", "the same place"
    assert client.post(f"{bon}/edit", data=form | {"location_id": str(vos.location_id)}).status_code == 303
    assert order_of(order_id).dwelling_declared_by == ""
    assert ASKED in client.post(f"{bon}/approve").text


def test_what_an_invoice_went_out_under_stays_with_it_when_the_site_takes_it_back(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    declare(vos)
    order_id, later = ordered(vos), ordered(vos)
    client = client_as("planner")
    assert client.post(f"{LIST}{order_id}/approve").status_code == 303
    actor = process("vos")
    locations.edit(actor, vos.relation_id, vos.location_id, LocationInput("Dorpsstraat 1", "Thuis"))
    assert site_of(vos).declared is None
    (event,) = told("location.dwelling_withdrawn")
    assert event["by"] == "Mw. De Vries"
    assert "verklaard door Mw. De Vries op" in folded(client.get(f"{LIST}{order_id}").text)
    assert NOT_YET in folded(client.get(f"{LIST}{later}").text)
    assert ASKED in client.post(f"{LIST}{later}/approve").text


def site_form(**typed: str) -> dict[str, str]:
    return {"name": "Thuis", "address": "Dorpsstraat 1", "city": "Waterveen"} | typed


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"is_dwelling": "y"}, "dwelling_declared_on", "Vul in op welke dag de klant dat heeft verklaard."),
        ({"is_dwelling": "y", "dwelling_declared_on": "2026-01-05"}, "dwelling_declared_by", "Vul in wie dat heeft"),
        ({"is_dwelling": "y", "dwelling_declared_on": "2049-12-31", "dwelling_declared_by": "X"},
         "dwelling_declared_on", "Deze dag moet nog komen."),
        ({"is_dwelling": "y", "dwelling_declared_on": "gisteren", "dwelling_declared_by": "X"},
         "dwelling_declared_on", "gisteren is geen datum."),
        ({"dwelling_declared_by": "Mw. De Vries"}, "is_dwelling", "Zet dit vinkje ook, of maak die velden leeg."),
        ({"is_dwelling": "y", "dwelling_declared_on": "2026-01-05", "dwelling_declared_by": "x" * 101},
         "dwelling_declared_by", "hoogstens 100 tekens"),
    ],
)  # fmt: skip
def test_the_form_of_a_site_says_what_is_wrong_beside_the_field_and_loses_nothing(
    client_as: Any, vos: Any, typed: dict[str, str], field: str, says: str
) -> None:
    address = f"/t/vos/relations/{vos.relation_id}/locations/{vos.location_id}"
    for url in (address, f"/t/vos/relations/{vos.relation_id}/locations"):
        answer = client_as("planner").post(url, data=site_form(**typed))
        assert answer.status_code == 422
        beside = folded(answer.text).partition(f'id="{field}-error"')[2]
        assert says in beside[:400]
        for name, value in typed.items():
            shown = f'checked id="{name}"' if name == "is_dwelling" else f'value="{value}"'
            assert shown in answer.text, name
    assert site_of(vos).declared is None


def test_a_site_is_declared_and_taken_back_in_its_form(client_as: Any, vos: Any) -> None:
    client, page = client_as("planner"), f"/t/vos/relations/{vos.relation_id}"
    address = f"{page}/locations/{vos.location_id}"
    yes = {"is_dwelling": "y", "dwelling_declared_on": "2026-01-05", "dwelling_declared_by": "Mw. De Vries"}
    assert client.post(address, data=site_form(**yes)).status_code == 303
    assert "verklaard door Mw. De Vries op 5 jan 2026" in folded(client.get(page).text)
    client.post(address, data=site_form(**yes))
    assert len(told("location.dwelling_declared")) == 1, "saving it as it is tells nothing"
    kept = {name: value for name, value in yes.items() if name != "is_dwelling"}
    assert client.post(address, data=site_form(**kept)).status_code == 303
    assert site_of(vos).declared is None
    assert site_of(vos).dwelling_declared_by == ""
    assert len(told("location.dwelling_withdrawn")) == 1


def test_who_reads_only_sees_it_and_changes_nothing(client_as: Any, vos: Any) -> None:
    order_id = ordered(vos, with_site=False)
    with write_transaction() as session:
        row = session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
        row.dwelling_declared_on, row.dwelling_declared_by = today(session) - timedelta(days=3), "Mw. De Vries"
    tenants.leave()
    assert "Verklaring intrekken" in client_as("planner").get(f"{LIST}{order_id}").text
    client = client_as("reader")
    page = client.get(f"{LIST}{order_id}").text
    assert "verklaard door Mw. De Vries" in folded(page)
    assert "Verklaring intrekken" not in page
    assert client.post(f"{LIST}{order_id}/dwelling-withdrawn").status_code == 403


def test_many_at_once_set_an_undeclared_one_aside_and_a_job_passes_over_it(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    undeclared = ordered(vos, with_site=False)
    declare(vos)
    fine = ordered(vos)
    picked = [undeclared, fine]
    page = client_as("planner").post("/t/vos/bulk/preview", data={"order": [str(one) for one in picked]}).text
    assert page.count("Daar is een ja op de bon voor nodig") == 1
    assert ASKED in page
    actor = process("vos")
    job_id = bulk.start(vos.deps, actor, [(one, order_of(one).version) for one in picked])
    bulk.carry_out(vos.deps, process("vos"), job_id)
    items = db.session.scalars(select(BulkItem).where(BulkItem.job_id == job_id)).all()
    assert {item.order_id: item.reason.key for item in items} == {undeclared: "bulk.asked", fine: ""}
    assert len(sandbox.invoices("demo")) == 1
