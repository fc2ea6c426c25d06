"""Fourteen orders of a housing corporation on one invoice: posted together, and told on the page of each order."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Connection
from services.company import tenants
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import line, make_order, process
from tests.support.sandbox_process import Sandbox

MORE = 13  # beside the one of the cast


def right(page: Page, name: str) -> None:
    """It fits and axe has nothing to say; PICTURES=folder keeps what it looks like."""
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def waiting(site: SimpleNamespace, cast: SimpleNamespace) -> None:
    """So many homes where the smoke detector was replaced; and sums above a hundred euros are asked about."""
    with site.app.app_context():
        actor = process("vos")
        lines = (line(), line(description="Rookmelder", kind="material", price=Decimal("31.50"), quantity=Decimal(1)))
        for day in range(MORE):
            make_order(
                actor, cast.vos.relation_id, lines=lines, title=f"Rookmelder woning {day + 1}",
                executed_on=date(2026, 11, 2 + day), location_id=cast.vos.location_id,
                customer_order_number=f"OPD-{day}",
            )  # fmt: skip
        with write_transaction() as session:
            session.scalars(select(Connection)).one().ask_above = Decimal(1000)
        tenants.leave()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_the_orders_of_a_corporation_go_out_on_one_invoice(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    waiting(site, cast)
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/bulk/new", wait_until="load")
    offer = page.get_by_role("region", name="Samen op één factuur")
    expect(offer).to_contain_text("14 bonnen, 41 regels, €\u00a02.")
    if javascript:
        right(page, "together-offer")
    press = page.get_by_role("button", name="plaats ze samen op 1 factuur")
    offer.get_by_role("checkbox").check()
    press.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("14 werkbonnen op 1 factuur")
    (there,) = sandbox.invoices("demo")
    assert len(there["Regels"]) == 41
    assert [one["Omschrijving"] for one in there["Regels"] if one["Omschrijving"].endswith(":")] != []
    expect(page.get_by_text(there["Factuurnummer"], exact=True)).to_have_count(14)
    if javascript:
        right(page, "together-result")
    page.get_by_role("link", name=cast.vos.order_number).click()
    expect(page.locator("#invoice")).to_contain_text("Verzamelfactuur van de bonnen")
    expect(page.locator("#strook-title")).to_contain_text(there["Factuurnummer"])
    if javascript:
        right(page, "together-order")
    page.locator("#invoice").get_by_role("link", name="-0003").click()
    expect(page.locator("#strook-title")).to_contain_text(there["Factuurnummer"])
    page.get_by_role("link", name="Klopt er iets niet?").click()
    expect(page.locator("main")).to_contain_text("dit crediteert ook")
    page.get_by_label("Reden").fill("Verkeerde administratie")
    page.get_by_role("button", name="Plaats creditfactuur").click()
    expect(page.locator("#invoice")).to_contain_text("gecrediteerd met")
    assert len(sandbox.invoices("demo")) == 2
