"""A field that is searched as you type: by keyboard, by screen reader, by thumb at 360 px, and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from models import Location, Relation, Worker
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide, wait_for_htmx
from tests.support.cast import make_order, process

NEW = "/t/vos/work-orders/new"


@pytest.fixture
def many(site: SimpleNamespace, cast: SimpleNamespace) -> SimpleNamespace:
    """Thirty customers beside the cast's, one with two work sites, and a second worker."""
    with site.app.app_context():
        process("vos")
        with write_transaction() as session:
            rows = [Relation(code=f"B{n:02d}", name=f"Bakker {n:02d}", city="Waterveen") for n in range(30)]
            session.add_all([*rows, Worker(name="Anna Smit")])
            session.flush()
            session.add_all(Location(relation_id=rows[7].id, address=f"Kade {n}", city="Lisse") for n in (1, 2))
            seventh = rows[7].id
    return SimpleNamespace(seventh=str(seventh), vos=cast.vos)


def box(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name)


def chosen(page: Page, name: str) -> Locator:
    return page.locator(f"input[type=hidden][name='{name}']")


def options(page: Page) -> Locator:
    return page.get_by_role("listbox").get_by_role("option")


def opened(page: Page, site: SimpleNamespace, address: str, who: str = "planner") -> Page:
    log_in(page, site, who)
    page.goto(site.url + address, wait_until="load")
    return page


def test_a_customer_is_chosen_by_keyboard_and_read_out(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(), site, NEW)
    field = box(page, "Klant")
    field.focus()
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(options(page)).to_have_count(20)
    expect(page.get_by_role("status").filter(has_text="eerste 20")).to_be_visible()
    first = options(page).first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", first.get_attribute("id") or "")
    field.press("End")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    field.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    field.press("Home")
    expect(first).to_have_attribute("aria-selected", "true")
    assert found_by_axe(page) == []
    field.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("bakker 07")
    expect(options(page)).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 gevonden")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("Bakker 07, Waterveen (B07)")
    expect(chosen(page, "relation_id")).to_have_value(many.seventh)
    assert page.url.endswith(NEW), "Enter in the list chooses, it does not send the form"


def test_escape_puts_the_choice_back_and_an_emptied_field_chooses_nothing(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(), site, f"{NEW}?relation={many.seventh}")
    field = box(page, "Klant")
    expect(field).to_have_value("Bakker 07, Waterveen (B07)")
    field.fill("bak")
    expect(options(page)).to_have_count(20)
    field.press("Escape")
    field.press("Escape")
    expect(field).to_have_value("Bakker 07, Waterveen (B07)")
    expect(chosen(page, "relation_id")).to_have_value(many.seventh)
    field.fill("")
    expect(chosen(page, "relation_id")).to_have_value("")


def test_what_is_not_there_is_said_and_a_typed_code_is_as_good_as_a_choice(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(), site, NEW)
    field = box(page, "Klant")
    field.fill("<b>nergens</b>")
    expect(page.get_by_role("status").filter(has_text="Geen klant gevonden met ‘<b>nergens</b>’")).to_be_visible()
    field.fill("b07")
    field.press("Tab")
    expect(chosen(page, "relation_id")).to_have_value(many.seventh)


def test_the_work_sites_of_the_chosen_customer_are_offered(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(), site, NEW)
    wait_for_htmx(page)
    page.get_by_label("Werk, kort").fill("Oven nakijken")
    with page.expect_response(re.compile("/work-orders/locations")):
        box(page, "Klant").fill("b07")
        options(page).first.click()
    place = page.locator("#work-site").get_by_role("combobox")
    expect(place).to_have_attribute("placeholder", "Het adres van de klant")
    place.click()
    expect(options(page)).to_have_text(["Kade 1, Lisse", "Kade 2, Lisse"])
    options(page).last.click()
    worker = box(page, "Monteur")
    worker.fill("smit")
    options(page).first.click()
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("h1")).to_contain_text("Oven nakijken")
    expect(page.locator("main")).to_contain_text("Kade 2")
    expect(page.locator("main")).to_contain_text("Anna Smit")


def test_by_thumb_the_list_is_large_enough_and_fits(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(width=360), site, NEW)
    box(page, "Klant").click()
    expect(options(page)).to_have_count(20)
    size = options(page).first.bounding_box()
    assert size is not None
    assert size["height"] >= 44
    assert too_wide(page) == 0
    assert found_by_axe(page) == []
    options(page).nth(2).click()
    expect(box(page, "Klant")).to_have_value("Bakker 02, Waterveen (B02)")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_the_filter_follows_the_choice_and_keeps_its_address_short(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        make_order(process("vos"), many.vos.relation_id)
    page = opened(open_page(), site, "/t/vos/work-orders/")
    wait_for_htmx(page)
    field = box(page, "Klant")
    field.fill("b07")
    options(page).first.click()
    expect(page.locator("#company-list")).to_contain_text("Geen werkbonnen gevonden")
    page.wait_for_url(lambda url: "relation=" in url)
    assert parse_qs(urlsplit(page.url).query) == {"relation": [many.seventh]}
    field.fill("")
    expect(page.locator("#company-list")).to_contain_text("Familie Voorbeeld")


def test_a_failed_search_is_said_in_the_list(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(), site, NEW)
    page.context.set_offline(True)
    box(page, "Klant").fill("bak")
    expect(page.get_by_role("status").filter(has_text="Zoeken lukte niet")).to_be_visible()
    page.context.set_offline(False)
    box(page, "Klant").press_sequentially("k")
    expect(options(page)).to_have_count(20)


def test_without_a_script_a_list_comes_back_and_nothing_typed_is_lost(
    site: SimpleNamespace, many: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = opened(open_page(width=360, javascript=False), site, NEW)
    page.get_by_label("Werk, kort").fill("Oven nakijken")
    page.locator("#relation_id").fill("bakker 0")
    page.get_by_role("button", name="Zoek Klant").click()
    page.get_by_label("Bakker 07, Waterveen (B07)").check()
    page.get_by_role("button", name="Zoek Werklocatie").click()
    expect(page.locator("#relation_id")).to_have_value("Bakker 07, Waterveen (B07)")
    page.get_by_label("Kade 2, Lisse").check()
    page.locator("[name='lines-0-article']").fill("expansie")
    page.get_by_role("button", name="Zoek de artikelen").click()
    page.get_by_label("40118 · Expansievat 18 liter").check()
    expect(page.get_by_label("Werk, kort")).to_have_value("Oven nakijken")
    page.locator("#worker_id").fill("anna")
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("#worker_id-error")).to_contain_text("Kies een medewerker uit de lijst.")
    page.get_by_label("Anna Smit").check()
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("h1")).to_contain_text("Oven nakijken")
    for text in ("Bakker 07", "Kade 2", "Anna Smit", "Expansievat 18 liter"):
        expect(page.locator("main")).to_contain_text(text)
