"""The customer's own order number: told as soon as that customer is chosen, and mended from the blocker."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from models import Relation
from services.transaction import write_transaction
from tests.browser.conftest import choose, found_by_axe, log_in, too_wide
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

ASKED = "Deze klant neemt geen factuur aan zonder."


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for who wants to see it: PICTURES=folder."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_who_asks_for_it_gets_no_invoice_without_it(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/relations/{cast.vos.relation_id}", wait_until="load")
    page.get_by_label("Vraagt op de factuur haar eigen ordernummer").check()
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.get_by_text("Wat u van deze klant bijhoudt, is opgeslagen.")).to_be_visible()
    picture(page, "relation")
    bon = f"{site.url}/t/vos/work-orders/{cast.vos.order_id}"
    page.goto(bon, wait_until="load")
    expect(page.locator("#invoice")).to_contain_text("Het ordernummer van de klant ontbreekt")
    assert too_wide(page) == 0
    picture(page, "blocked")
    if javascript:
        assert found_by_axe(page) == []
    page.get_by_role("link", name="Ordernummer invullen").click()
    field = page.get_by_label("Ordernummer van de klant")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(f"Opdracht- of inkoopnummer; komt op de eerste regel van de factuur. "
                                                 f"{ASKED} De werkbon opslaan kan wel.")  # fmt: skip
    assert too_wide(page) == 0
    picture(page, "form")
    field.fill("OPD-104257")
    page.get_by_role("button", name="Opslaan", exact=True).last.click()
    page.wait_for_url(bon)
    picture(page, "ready")
    expect(page.locator(".bon-head")).to_contain_text("OPD-104257")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    (invoice,) = sandbox.invoices("demo")
    assert ", uw ordernummer OPD-104257, uitgevoerd" in invoice["Regels"][0]["Omschrijving"]


def test_picking_a_customer_tells_it_at_once_and_leaves_what_was_typed(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        process("vos")
        with write_transaction() as session:
            session.add(Relation(code="B7", name="Woonstichting", city="Waterveen", asks_order_number=True))
    page = open_page(width=360)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/new", wait_until="load")
    page.get_by_label("Ordernummer van de klant").fill("45")
    expect(page.get_by_text(ASKED)).to_have_count(0)
    choose(page, "Klant", "woonst")
    expect(page.get_by_text(ASKED)).to_be_visible()
    expect(page.get_by_label("Ordernummer van de klant")).to_have_value("45")
    expect(page.locator("#order-number-asked")).to_have_count(1)
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    picture(page, "picked")
    choose(page, "Klant", "familie")
    expect(page.get_by_text(ASKED)).to_have_count(0)
    expect(page.get_by_label("Ordernummer van de klant")).to_have_value("45")


def test_what_was_typed_is_kept_in_the_browser_like_any_other_field(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}/edit", wait_until="load")
    page.get_by_label("Ordernummer van de klant").fill("OPD-1")
    page.goto(f"{site.url}/t/vos/work-orders/", wait_until="load")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}/edit", wait_until="load")
    expect(page.get_by_label("Ordernummer van de klant")).to_have_value("")
    page.get_by_role("button", name="Terugzetten").click()
    expect(page.get_by_label("Ordernummer van de klant")).to_have_value("OPD-1")
