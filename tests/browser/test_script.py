"""What the script does on a page: the line editor, picking in a list, and the note when the network is away."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from domain.vat import HIGH, LOW, NO_VAT
from services.paging import SIZE
from tests.browser.conftest import choose, log_in, wait_for_htmx
from tests.support.cast import make_order, process


@pytest.fixture
def editor(site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]) -> Page:
    """The planner in a new work order, with a title and a customer."""
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/new", wait_until="load")
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    choose(page, "Klant", "1001")
    return page


def fill(page: Page, row: int, description: str, quantity: str, price: str, code: str) -> None:
    """Type a line."""
    for name, text in (("description", description), ("quantity", quantity), ("price", price)):
        page.locator(f"[name='lines-{row}-{name}']").fill(text)
    page.locator(f"[name='lines-{row}-vat_code']").select_option(code)


def totals(page: Page) -> str:
    """The totals as they stand on the page (in the editor, or on the bon), with single blanks."""
    return " ".join(page.locator("dl.totals").first.inner_text().split())


def test_what_is_added_up_while_typing_is_what_is_saved(editor: Page) -> None:
    fill(editor, 0, "Zink", "1,3333", "62,3375", HIGH)
    fill(editor, 1, "Loon", "2,5", "1.062,33", HIGH)
    fill(editor, 2, "Korting", "-1", "4,095", LOW)
    editor.get_by_role("button", name="Regel toevoegen").click()
    fill(editor, 3, "Parkeren", "1", "10", NO_VAT)
    expect(editor.locator("[data-total=incl]")).to_have_text("€\u00a03.319,65")
    typed = totals(editor)
    assert "Btw 21% over 2.738,94 575,18" in typed
    assert "Geen btw over 10,00 0,00" in typed
    editor.get_by_role("button", name="Opslaan").last.click()
    expect(editor.locator("h1")).to_contain_text("Dakgoot vervangen")
    assert totals(editor) == typed


def test_what_cannot_be_known_yet_is_a_dash(editor: Page) -> None:
    incl, excl = editor.locator("[data-total=incl]"), editor.locator("[data-total=excl]")
    fill(editor, 0, "Zink", "1", "10", HIGH)
    expect(incl).to_have_text("€\u00a012,10")
    editor.locator("[name='lines-0-price']").fill("1.250")
    expect(excl).to_have_text("–")
    expect(incl).to_have_text("–")
    editor.locator("[name='lines-0-price']").fill("1250")
    editor.locator("[name='lines-0-vat_code']").select_option("")
    expect(excl).to_have_text("1.250,00")
    expect(incl).to_have_text("–")


def test_a_row_is_added_filled_by_an_article_and_taken_away(editor: Page) -> None:
    rows = editor.locator("[data-lines] > [data-line]")
    expect(rows).to_have_count(3)
    editor.get_by_role("button", name="Regel toevoegen").click()
    expect(rows).to_have_count(4)
    article = editor.locator("[name='lines-3-article']")
    article.fill("40118")
    article.blur()
    expect(editor.locator("[name='lines-3-description']")).to_have_value("Expansievat 18 liter")
    expect(editor.locator("[name='lines-3-price']")).to_have_value("68,40")
    fill(editor, 0, "Blijft", "1", "10", HIGH)
    expect(editor.locator("[data-total=excl]")).to_have_text("78,40")
    rows.nth(3).get_by_role("button", name="Regel weghalen").click()
    expect(rows.nth(3)).to_be_hidden()
    expect(editor.locator("[data-total=excl]")).to_have_text("10,00")
    editor.get_by_role("button", name="Opslaan").last.click()
    expect(editor.locator("h1")).to_contain_text("Dakgoot vervangen")
    expect(editor.locator("main")).to_contain_text("Blijft")
    expect(editor.locator("main")).not_to_contain_text("Expansievat")


def test_picked_orders_are_counted_and_all_are_picked_at_once(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        actor = process("vos")
        for _ in range(2):
            make_order(actor, cast.vos.relation_id)
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/?state=done", wait_until="load")
    boxes, said = page.locator("input[name=order]"), page.locator("[data-picked]")
    expect(said).to_have_text("Vink uitgevoerde bonnen aan")
    boxes.first.check()
    expect(said).to_have_text("1 gekozen")
    page.get_by_role("button", name="Kies alle op deze pagina").click()
    expect(said).to_have_text(f"{boxes.count()} gekozen")
    expect(page.get_by_role("button", name="Kies alle op deze pagina")).to_be_hidden()
    boxes.first.uncheck()
    expect(page.get_by_role("button", name="Kies alle op deze pagina")).to_be_visible()


def test_picks_stay_while_the_list_is_sorted_searched_and_turned_until_their_invoices_are_made(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        for number in range(SIZE + 2):
            make_order(process("vos"), cast.vos.relation_id, title=f"Goot {number}")
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/?state=done", wait_until="load")
    boxes, said = page.locator("input[name=order][type=checkbox]"), page.locator("[data-picked]")
    boxes.nth(1).check()
    picked = boxes.nth(1).get_attribute("value")
    page.get_by_role("link", name="Volgende").click()
    expect(page.get_by_role("link", name="Vorige")).to_be_visible()
    expect(said).to_have_text("1 gekozen")
    boxes.first.check()
    expect(said).to_have_text("2 gekozen")
    page.get_by_role("link", name="Vorige").click()
    expect(page.locator(f"input[type=checkbox][value='{picked}']")).to_be_checked()
    page.get_by_label("Volgorde").select_option("planned")
    expect(page).to_have_url(re.compile("sort=planned"))
    expect(said).to_have_text("2 gekozen")
    page.get_by_label("Zoek op nummer").fill("nergens te vinden")
    expect(page.locator("#company-list")).to_contain_text("Geen werkbonnen gevonden")
    expect(said).to_have_text("2 gekozen")
    page.reload(wait_until="load")
    page.get_by_role("button", name="Bekijk de gekozen bonnen").click()
    expect(page.locator("form[action$='/bulk/start'] input[name=order], .blockers li")).to_have_count(2)
    page.go_back(wait_until="load")
    expect(said).to_have_text("2 gekozen")
    page.get_by_role("button", name="Wis de keuze").click()
    expect(page.locator("#picks")).to_be_hidden()
    page.goto(f"{site.url}/t/vos/work-orders/?state=done", wait_until="load")
    expect(said).to_have_text("Vink uitgevoerde bonnen aan")
    expect(page.locator("input[name=order]:checked")).to_have_count(0)


def test_a_press_while_the_network_is_away_says_so_until_it_is_put_away(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}", wait_until="load")
    wait_for_htmx(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    note = page.get_by_role("alert").filter(has_text="Er kwam geen antwoord van Crafter")
    expect(note).to_be_visible()
    note.get_by_role("button", name="Sluiten").click()
    expect(note).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
