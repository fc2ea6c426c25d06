"""A date that somebody chose for an invoice: typed on the order, shown before, and on the invoice over there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from domain import posting as states
from models import WorkOrder
from services.invoicing import press
from services.transaction import write_transaction
from tenancy.clock import day_of
from tests.blueprints.test_work_orders import LIST, order_at, order_of, typed
from tests.support.cast import make_order, process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox

TODAY = day_of(datetime.now(UTC))
LONG_AGO = TODAY - timedelta(days=360)  # nearly always of the year before


def change(order_id: UUID, **values: date) -> None:
    """Write something else on an order of Vos."""
    process("vos")
    with write_transaction() as session:
        session.execute(update(WorkOrder).where(WorkOrder.id == order_id).values(**values))


def test_it_is_on_the_invoice_with_a_number_of_its_year(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    client, days = client_as("owner"), {"executed_on": LONG_AGO.isoformat(), "invoice_on": LONG_AGO.isoformat()}
    order = order_at(client.post(LIST, data=typed(relation_id=str(cast.vos.relation_id), **days)))
    assert order.invoice_on == LONG_AGO
    assert f'value="{LONG_AGO.isoformat()}"' in client.get(f"{LIST}{order.id}/edit").text
    sent = make_order(process("vos"), cast.vos.relation_id, executed_on=LONG_AGO, invoice_on=LONG_AGO)
    assert "op de werkbon gekozen" in folded(client.get(f"{LIST}{sent}").text)
    client.post(f"{LIST}{sent}/approve", data={"version": str(order_of(sent).version)})
    (invoice,) = sandbox.invoices("demo")
    assert invoice["Datum"].startswith(LONG_AGO.isoformat())
    assert f"{LONG_AGO.year}-" in invoice["Factuurnummer"]


def test_after_a_no_it_goes_out_with_the_date_that_is_chosen_then(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    order_id = make_order(process("vos"), cast.vos.relation_id, executed_on=LONG_AGO)
    rule = {"operation": "AddFactuur", "kind": "refuse", "times": 1, "code": "CFACT025", "text": "x"}
    sandbox.mischief("demo", [rule])
    client = client_as("owner")
    client.post(f"{LIST}{order_id}/approve", data={"version": str(order_of(order_id).version)})
    change(order_id, invoice_on=LONG_AGO)
    live = press.present_posting(order_id)
    assert live is not None
    assert live.state == states.REFUSED
    client.post(f"{LIST}{order_id}/send", data={"version": str(order_of(order_id).version)})
    (invoice,) = sandbox.invoices("demo")
    assert invoice["Datum"].startswith(LONG_AGO.isoformat())


@pytest.mark.parametrize(
    ("chosen", "executed", "said"),
    [
        (1, 0, "Deze dag moet nog komen."),
        (-1, 0, "Toen was het werk nog niet gedaan"),
        (-500, None, "Dat is te lang geleden."),
    ],
)
def test_one_that_cannot_be_is_asked_back_beside_its_field(
    client_as: Any, chosen: int, executed: int | None, said: str
) -> None:
    on, done = ("" if days is None else (TODAY + timedelta(days=days)).isoformat() for days in (chosen, executed))
    answer = client_as("planner").post(LIST, data=typed(invoice_on=on, executed_on=done))
    assert answer.status_code == 422
    assert said in answer.text.partition('id="invoice_on-error"')[2].partition("</p>")[0]
    assert f'value="{on}"' in answer.text


def test_one_that_cannot_be_any_more_holds_the_invoice_back(
    client_as: Any, cast: SimpleNamespace, sandbox: Sandbox
) -> None:
    """The work turned out to be done later than the date that was chosen."""
    order_id = make_order(process("vos"), cast.vos.relation_id, executed_on=LONG_AGO, invoice_on=LONG_AGO)
    change(order_id, executed_on=TODAY)
    client = client_as("owner")
    answer = client.post(f"{LIST}{order_id}/approve", data={"version": str(order_of(order_id).version)})
    assert answer.status_code == 422
    assert "kan niet" in folded(answer.text)
    assert f"{order_id}/edit#invoice_on" in answer.text
    assert sandbox.invoices("demo") == []
    process("vos")
    assert press.present_posting(order_id) is None
