"""An invoice that vanished over there, on the order's page: said in place, and sent again from there."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from models import InvoicePosting
from services.transaction import write_transaction
from tests.support.cast import process
from tests.support.client import folded
from tests.support.sandbox_process import Sandbox


@pytest.fixture
def bon(cast: SimpleNamespace) -> str:
    """The address of the executed order of Vos."""
    return f"/t/vos/work-orders/{cast.vos.order_id}"


def test_what_vanished_there_says_so_in_place_and_goes_out_again_under_its_own_number(
    client_as: Any, sandbox: Sandbox, bon: str
) -> None:
    client = client_as("planner")
    client.htmx_post(f"{bon}/approve")
    (invoice,) = sandbox.invoices("demo")
    sandbox.remove_invoice("demo", invoice["Factuurnummer"])
    assert "zodra u deze werkbon opent" in folded(client.htmx_post(f"{bon}/read-back").text)
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        assert row.lease_until is not None
        row.lease_until -= timedelta(hours=1)
    assert 'hx-trigger="load"' in client.get(bon).text  # whoever opens it has it looked for
    said = client.htmx_post(f"{bon}/read-back")
    assert said.headers["HX-Retarget"] == "#invoice"
    assert "verdwenen daar" in said.text
    assert "Iemand heeft hem daar verwijderd" in said.text
    assert "verdwenen daar" in client.get("/t/vos/").text
    client.htmx_post(f"{bon}/send-gone")
    assert [one["Factuurnummer"] for one in sandbox.invoices("demo")] == [invoice["Factuurnummer"]]
    assert "geplaatst" in client.get(bon).text


def test_what_got_another_number_there_is_called_by_that(client_as: Any, sandbox: Sandbox, bon: str) -> None:
    client = client_as("planner")
    client.htmx_post(f"{bon}/approve")
    (invoice,) = sandbox.invoices("demo")
    sandbox.edit_invoice("demo", invoice["Factuurnummer"], Factuurnummer="F00077")
    process("vos")
    with write_transaction() as session:
        row = session.scalars(select(InvoicePosting)).one()
        assert row.lease_until is not None
        row.lease_until -= timedelta(hours=1)
    client.htmx_post(f"{bon}/read-back")
    page = folded(client.get(bon).text)
    assert "Factuur F00077 staat klaar in e-Boekhouden" in page
    assert f"Factuur {invoice['Factuurnummer']} staat klaar" not in page
