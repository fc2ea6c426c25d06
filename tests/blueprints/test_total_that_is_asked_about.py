"""An invoice of nothing, a credit note and one of more than usual are asked about once more before they go out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from models import AuditEntry, BulkItem, WorkOrder
from services.company import tenants
from services.invoicing import bulk, invoice_settings
from services.orders.work_orders import LineInput
from services.transaction import write_transaction
from tenancy.database import db
from tests.blueprints.test_work_orders import LIST, order_of
from tests.blueprints.test_work_orders_invoice import change_link
from tests.support.cast import line, make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

NOTHING = (line(price=Decimal(0)),)
NETS_OUT = (line(), line(quantity=Decimal(-2)))
CREDIT = (line(quantity=Decimal(-2)),)
MUCH = (line(price=Decimal("12500.00")),)
ASKED = {
    "nothing": (NOTHING, "total:0.00", "Een factuur van €\u00a00,00?"),
    "nets out": (NETS_OUT, "total:0.00", "Een factuur van €\u00a00,00?"),
    "credit": (CREDIT, "total:-151.25", "Een creditfactuur van €\u00a0-151,25?"),
    "much": (MUCH, "total:30250.00", "Een factuur van €\u00a030.250,00?"),
}


def told(order_id: UUID) -> list[str]:
    """The yeses in the trail, as it tells them."""
    process("vos")
    query = select(AuditEntry).where(AuditEntry.event == "work_order.confirmed", AuditEntry.subject_id == order_id)
    return [entry.person_name for entry in db.session.scalars(query)]


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "without JavaScript"])
@pytest.mark.parametrize(("lines", "yes", "question"), ASKED.values(), ids=ASKED)
def test_a_press_is_held_until_somebody_says_yes_to_that_total(
    client_as: Any, vos: Any, sandbox: Sandbox, lines: tuple[LineInput, ...], yes: str, question: str, htmx: bool
) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=lines)
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    post = client.htmx_post if htmx else client.post
    for data in ({}, {"yes": "total:0.01"}, {"yes": "day:2026-11-18"}):
        asked = post(f"{bon}/approve", data=data)
        assert asked.status_code == 422
        assert question in asked.text
        assert f'name="yes" value="{yes}"' in asked.text
    assert order_of(order_id).state == "done"
    assert sandbox.calls("demo", "AddFactuur") == []
    assert told(order_id) == []
    assert post(f"{bon}/approve", data={"yes": yes}).status_code in {200, 303}
    (invoice,) = sandbox.invoices("demo")
    assert f"total:{Decimal(invoice['TotaalInclBTW']):.2f}" == yes
    assert told(order_id) == ["Planner Vos"]
    assert f"Bevestigd: {question}" in client.get(bon).text


def test_after_the_lines_changed_the_yes_counts_no_more(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=CREDIT)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT028", "text": "x"}])
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    client.htmx_post(f"{bon}/approve", data={"yes": "total:-151.25"})
    assert sandbox.invoices("demo") == []
    process("vos")
    with write_transaction() as session:
        order = session.scalars(select(WorkOrder).where(WorkOrder.id == order_id)).one()
        assert order.sure_of_total == Decimal("-151.25")
    form = {
        "title": "Onderhoud", "version": str(order_of(order_id).version), "relation_id": str(vos.relation_id),
        "executed_on": "18-11-2026", "lines-0-kind": "hours", "lines-0-article": "40118", "lines-0-quantity": "-3",
        "lines-0-price": "62,50", "lines-0-vat_code": "high",
    }  # fmt: skip
    assert client.post(f"{bon}/edit", data=form).status_code == 303
    asked = client.htmx_post(f"{bon}/send")
    assert asked.status_code == 422
    assert 'name="yes" value="total:-226.88"' in asked.text
    assert f'action="{bon}/send"' in asked.text
    assert "staat klaar" in client.htmx_post(f"{bon}/send", data={"yes": "total:-226.88"}).text


def test_a_credit_note_is_called_that_and_says_what_belongs_on_it(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=CREDIT)
    client, bon = client_as("planner"), f"{LIST}{order_id}"
    assert "een creditfactuur" in client.get(bon).text
    asked = client.htmx_post(f"{bon}/approve").text
    assert "het nummer van de factuur die u corrigeert" in folded(asked)
    assert f'href="{bon}/edit"' in asked
    assert "een creditfactuur" not in client.get(f"{LIST}{vos.order_id}").text


def test_an_invoice_of_nothing_shows_the_way_to_no_invoice(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=NOTHING)
    assert f'href="{LIST}{order_id}/not-billable"' in client_as("planner").htmx_post(f"{LIST}{order_id}/approve").text


def test_without_an_invoice_nothing_is_asked(client_as: Any, vos: Any) -> None:
    order_id = make_order(vos.actor, vos.relation_id, lines=CREDIT)
    change_link(enabled=False)
    assert client_as("planner").post(f"{LIST}{order_id}/approve").status_code == 303
    assert order_of(order_id).state == "approved"


def test_many_at_once_set_such_an_order_aside_and_a_job_passes_over_it(
    client_as: Any, vos: Any, sandbox: Sandbox
) -> None:
    made = {lines: make_order(vos.actor, vos.relation_id, lines=lines) for lines, _yes, _question in ASKED.values()}
    fine = make_order(vos.actor, vos.relation_id)
    picked = [str(order_id) for order_id in (*made.values(), fine)]
    page = client_as("planner").post("/t/vos/bulk/preview", data={"order": picked}).text
    assert page.count("Daar is een ja op de bon voor nodig") == len(made)
    assert [order_id for order_id in picked if f'name="order" value="{order_id}' in page] == [str(fine)]

    process("vos")
    job_id = bulk.start(vos.deps, vos.actor, [(UUID(one), order_of(UUID(one)).version) for one in picked])
    bulk.carry_out(vos.deps, process("vos"), job_id)
    items = db.session.scalars(select(BulkItem).where(BulkItem.job_id == job_id)).all()
    passed = {item.order_id for item in items if item.reason.key == "bulk.asked"}
    assert passed == set(made.values())
    assert len(sandbox.invoices("demo")) == 1
    tenants.leave()


def test_the_company_says_from_which_amount_on_it_is_asked(client_as: Any, vos: Any, sandbox: Sandbox) -> None:
    client = client_as("owner")
    page = client.get("/t/vos/settings/e-boekhouden").text
    assert 'name="ask_above"' in page
    assert "25000,00" in page
    form = settings_form()
    wrong = client.post("/t/vos/settings/e-boekhouden/invoicing", data=form | {"ask_above": ""})
    assert (wrong.status_code, "Vul een bedrag in." in wrong.text) == (422, True)
    wrong = client.post("/t/vos/settings/e-boekhouden/invoicing", data=form | {"ask_above": "veel"})
    assert (wrong.status_code, 'value="veel"' in wrong.text) == (422, True)
    saved = client.post("/t/vos/settings/e-boekhouden/invoicing", data=form | {"ask_above": "151,24"})
    assert saved.status_code == 303
    assert "total:151.25" in client.htmx_post(f"{LIST}{vos.order_id}/approve").text
    client.post("/t/vos/settings/e-boekhouden/invoicing", data=form | {"ask_above": "151,25"})
    assert "staat klaar" in client.htmx_post(f"{LIST}{vos.order_id}/approve").text


def settings_form() -> dict[str, str]:
    """The invoice settings as the page would send them back."""
    process("vos")
    now = invoice_settings.present()
    tenants.leave()
    form = {
        "template": now.template, "term_days": str(now.term_days), "prefix": now.prefix,
        "next_number": str(now.next_number),
        "sync_relations": "y",
    }  # fmt: skip
    for kind, setting in now.lines.items():
        form |= {
            f"{kind}_code": setting.code, f"{kind}_ledger": setting.ledger_code, f"{kind}_vat": setting.vat_code,
        }  # fmt: skip
    return form
