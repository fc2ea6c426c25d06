"""What is typed in a long form and not saved: kept in the browser, offered whole, asked about when somebody leaves."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, Route, expect
from sqlalchemy import func, select

from domain.vat import HIGH
from models import Relation, WorkOrder
from tenancy.database import db
from tests.browser.conftest import choose, found_by_axe, log_in, too_wide, wait_for_htmx
from tests.support.cast import process

OFFER, BACK, UNSENT = ("[data-draft-note=offer]", "[data-draft-note=back]", "[data-draft-note=not-sent]")
DRAFTS = "Object.entries(localStorage).filter(([key]) => key.startsWith('crafter.draft:'))"
NEW = "/t/vos/work-orders/new"
CREATE = "**/t/vos/work-orders/"


@pytest.fixture
def page(site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]) -> Page:
    """The planner at a desk."""
    page = open_page()
    log_in(page, site, "planner")
    return page


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The questions that the browser asked; each is answered with yes."""
    found: list[str] = []

    def answer(dialog: Dialog) -> None:
        found.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    return found


def open_new(page: Page, site: SimpleNamespace) -> None:
    """An empty work order."""
    page.goto(site.url + NEW, wait_until="load")


def type_order(page: Page) -> None:
    """A title, a customer, a text, and four lines of which one was taken away."""
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    choose(page, "Klant", "1001")
    page.get_by_label("Wat te doen").fill("Achterzijde,\nook de steun")
    for row, text in enumerate(("Zink", "Weg ermee", "Loon")):
        line(page, row, text)
    page.get_by_role("button", name="Regel toevoegen").click()
    line(page, 3, "Parkeren")
    page.locator("[data-line]").nth(1).get_by_role("button", name="Regel weghalen").click()
    expect(page.locator("[data-total=incl]")).to_have_text("€\u00a036,30")


def line(page: Page, row: int, text: str) -> None:
    """Type a line of ten euros."""
    for name, typed in (("description", text), ("quantity", "1"), ("price", "10")):
        page.locator(f"[name='lines-{row}-{name}']").fill(typed)
    page.locator(f"[name='lines-{row}-vat_code']").select_option(HIGH)


def at_work(site: SimpleNamespace, open_page: Callable[..., Page], width: int) -> Page:
    """A planner who typed an order, on a screen of this width."""
    page = open_page(width)
    log_in(page, site, "planner")
    open_new(page, site)
    type_order(page)
    return page


def drafts(page: Page) -> list[dict[str, Any]]:
    """What the browser keeps."""
    return [json.loads(text) for _key, text in page.evaluate(DRAFTS)]


def is_whole(page: Page) -> None:
    """The form holds all that `type_order` typed."""
    expect(page.get_by_label("Werk, kort")).to_have_value("Dakgoot vervangen")
    expect(page.locator("[name=relation_id]")).not_to_have_value("")
    expect(page.get_by_label("Wat te doen")).to_have_value("Achterzijde,\nook de steun")
    shown = page.locator("[data-line]:visible [name$=-description]")
    assert [text for field in shown.all() if (text := field.input_value())] == ["Zink", "Loon", "Parkeren"]
    expect(page.locator("[data-total=incl]")).to_have_text("€\u00a036,30")


def is_empty(page: Page) -> None:
    """The form is as it comes from the server."""
    expect(page.get_by_label("Werk, kort")).to_have_value("")
    assert {field.input_value() for field in page.locator("[name$=-description]").all()} == {""}


def count(site: SimpleNamespace) -> int:
    """How many orders Vos has."""
    with site.app.app_context():
        process("vos")
        return db.session.scalar(select(func.count()).select_from(WorkOrder)) or 0


def test_after_a_reload_it_is_offered_and_comes_back_whole(page: Page, site: SimpleNamespace, asked: list[str]) -> None:
    open_new(page, site)
    type_order(page)
    page.reload(wait_until="load")
    assert asked == ["beforeunload"]
    expect(page.locator(OFFER)).to_contain_text("Er staat nog iets van")
    is_empty(page)  # never by itself
    before = count(site)
    page.get_by_role("button", name="Terugzetten").click()
    expect(page.locator(BACK)).to_be_visible()
    is_whole(page)
    assert found_by_axe(page) == []
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("h1")).to_contain_text("Dakgoot vervangen")
    expect(page.locator("main")).to_contain_text("Parkeren")
    expect(page.locator("main")).not_to_contain_text("Weg ermee")
    assert count(site) == before + 1
    assert asked == ["beforeunload"]  # who saved is not asked
    page.wait_for_load_state("networkidle")
    assert drafts(page) == []
    open_new(page, site)
    expect(page.locator(OFFER)).to_have_count(0)


def test_back_brings_nothing_by_halves(page: Page, site: SimpleNamespace, asked: list[str]) -> None:
    open_new(page, site)
    type_order(page)
    page.get_by_role("link", name="Niet opslaan").click()
    page.wait_for_url("**/work-orders/")
    assert asked == ["beforeunload"]
    page.go_back(wait_until="load")
    expect(page.locator(OFFER)).to_be_visible()
    is_empty(page)
    page.get_by_role("button", name="Terugzetten").click()
    is_whole(page)


def test_a_page_that_dies_leaves_its_draft_and_throwing_away_is_for_good(page: Page, site: SimpleNamespace) -> None:
    open_new(page, site)
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    page.get_by_label("Wat te doen").focus()
    while not drafts(page):  # it is kept while typing, so that a crash costs nothing
        page.wait_for_timeout(50)
    other = page.context.new_page()
    page.close(run_before_unload=False)
    open_new(other, site)
    expect(other.locator(OFFER)).to_be_visible()
    other.get_by_role("button", name="Weggooien").click()
    expect(other.locator(OFFER)).to_have_count(0)
    assert drafts(other) == []


def test_who_stays_keeps_the_page(page: Page, site: SimpleNamespace) -> None:
    page.on("dialog", lambda dialog: dialog.dismiss())
    open_new(page, site)
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Niet opslaan").click()
    expect(page.get_by_label("Werk, kort")).to_have_value("Dakgoot vervangen")
    assert page.url.endswith(NEW)


def test_what_htmx_would_put_in_its_place_is_asked_about_too(page: Page, site: SimpleNamespace) -> None:
    said: list[str] = []

    def stay(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", stay)
    open_new(page, site)
    wait_for_htmx(page)
    page.evaluate("""() => {
      const link = Object.assign(document.createElement('a'), { href: '#', textContent: 'Elders' });
      link.setAttribute('hx-get', '/t/vos/articles/');
      link.setAttribute('hx-target', '#content');
      document.querySelector('#content').prepend(link);
      htmx.process(link);
    }""")
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    page.get_by_role("link", name="Elders").click()
    assert said == ["Wat u typte is nog niet opgeslagen. Toch verdergaan?"]
    expect(page.get_by_label("Werk, kort")).to_have_value("Dakgoot vervangen")
    page.get_by_label("Werk, kort").fill("")
    with page.expect_response("**/articles/"):
        page.get_by_role("link", name="Elders").click()
    assert len(said) == 1  # nothing changed, so nothing is asked


@pytest.mark.parametrize("width", [360, 1280])
def test_without_a_connection_the_text_stays_and_another_press_saves_it(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    page = at_work(site, open_page, width)
    page.context.set_offline(True)
    save, before = page.get_by_role("button", name="Opslaan").last, count(site)
    save.click()
    note = page.locator(UNSENT)
    expect(note).to_contain_text("Geen verbinding met Crafter")
    expect(note).to_contain_text("op dit toestel bewaard")
    expect(note.get_by_role("alert")).to_be_focused()
    expect(note.get_by_role("alert")).to_be_in_viewport()
    expect(save).not_to_have_attribute("aria-busy", "true")
    is_whole(page)
    assert too_wide(page) == 0
    picture(page, "unsent", width)
    assert found_by_axe(page) == []
    page.context.set_offline(False)
    save.click()
    expect(page.locator("h1")).to_contain_text("Dakgoot vervangen")
    assert count(site) == before + 1


def lose_answer(route: Route) -> None:
    """The server gets it, and its answer does not arrive."""
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


def test_an_answer_that_got_lost_is_no_second_order_and_no_draft(page: Page, site: SimpleNamespace) -> None:
    open_new(page, site)
    type_order(page)
    before = count(site)
    page.route(CREATE, lose_answer)
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator(UNSENT)).to_be_visible()
    assert count(site) == before + 1
    page.unroute(CREATE)
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("main")).to_contain_text("Dit was al gelukt")
    assert count(site) == before + 1


def test_after_a_lost_answer_and_a_reload_the_server_says_that_it_has_it(
    page: Page, site: SimpleNamespace, asked: list[str]
) -> None:
    open_new(page, site)
    type_order(page)
    page.route(CREATE, lose_answer)
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator(UNSENT)).to_be_visible()
    page.unroute(CREATE)
    with page.expect_response("**/account/forms-done?**") as answer:
        page.reload(wait_until="load")
    assert len(answer.value.json()["done"]) == 1
    page.wait_for_load_state("networkidle")
    assert drafts(page) == []
    expect(page.locator(OFFER)).to_have_count(0)


def test_a_form_that_was_never_carried_out_is_offered_after_it_was_sent(
    page: Page, site: SimpleNamespace, asked: list[str]
) -> None:
    open_new(page, site)
    type_order(page)
    page.route(CREATE, lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator(UNSENT)).to_be_visible()
    page.reload(wait_until="load")
    page.get_by_role("button", name="Terugzetten").click()
    is_whole(page)


def test_a_refused_form_comes_back_in_place_and_stays_a_draft(
    page: Page, site: SimpleNamespace, asked: list[str]
) -> None:
    open_new(page, site)
    type_order(page)
    page.get_by_label("Werk, kort").fill("")
    page.get_by_label("Werk, kort").press("Enter")
    summary = page.get_by_role("alert").filter(has_text="De werkbon is nog niet opgeslagen")
    expect(summary).to_be_focused()
    expect(page.locator("noscript")).to_have_count(0)
    expect(page.locator("[data-total=incl]")).to_have_text("€\u00a036,30")
    page.reload(wait_until="load")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Terugzetten").click()
    expect(page.get_by_label("Wat te doen")).to_have_value("Achterzijde,\nook de steun")
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("h1")).to_contain_text("Dakgoot vervangen")


def test_when_the_server_fails_or_says_no_the_text_stays(page: Page, site: SimpleNamespace) -> None:
    open_new(page, site)
    type_order(page)
    page.route(CREATE, lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("[data-draft-note=failed]")).to_contain_text("Crafter kon dit nu niet opslaan")
    page.unroute(CREATE)
    wrong = "fields => fields.forEach(field => { field.value = 'x'; })"
    page.locator("main [name=csrf_token]").evaluate_all(wrong)
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("#content")).to_contain_text("U was intussen uitgelogd, dus dit is nog niet gebeurd.")
    is_whole(page)
    page.locator("main [name=csrf_token], main [name=whose]").evaluate_all(wrong)
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("[data-draft-note=answer]")).to_contain_text("Deze pagina was te oud")
    is_whole(page)


def test_nobody_else_sees_it_and_logging_out_takes_it_away(page: Page, site: SimpleNamespace, asked: list[str]) -> None:
    open_new(page, site)
    page.get_by_label("Werk, kort").fill("Van de planner")
    page.goto(f"{site.url}/t/vos/", wait_until="load")
    assert len(drafts(page)) == 1
    page.context.clear_cookies()  # the session is over, and somebody else logs in on this device
    log_in(page, site, "owner")
    open_new(page, site)
    expect(page.locator(OFFER)).to_have_count(0)
    assert drafts(page) == []
    page.get_by_label("Werk, kort").fill("Van de eigenaar")
    other = page.context.new_page()
    open_new(other, site)
    other.get_by_label("Werk, kort").fill("In een ander tabblad")
    page.locator("details.menu summary:visible").last.click()
    page.locator("details[open]").get_by_role("button", name="Uitloggen").click()
    page.wait_for_url("**/login")
    other.goto(f"{site.url}/login", wait_until="load")
    assert page.evaluate("Object.keys(localStorage)") == []


def test_what_is_too_old_is_dropped_and_what_the_browser_cannot_read_harms_nothing(
    page: Page, site: SimpleNamespace, asked: list[str]
) -> None:
    open_new(page, site)
    page.get_by_label("Werk, kort").fill("Van vorige week")
    page.goto(f"{site.url}/t/vos/", wait_until="load")
    page.evaluate(f"""{DRAFTS}.forEach(([key, text]) => {{
      localStorage.setItem(key, JSON.stringify({{ ...JSON.parse(text), at: Date.now() - 8 * 24 * 3600 * 1000 }}));
      localStorage.setItem(key + 'x', 'no draft');
    }})""")
    open_new(page, site)
    assert drafts(page) == []
    expect(page.locator(OFFER)).to_have_count(0)


def test_notes_of_a_customer_are_kept_by_customer(page: Page, site: SimpleNamespace, asked: list[str]) -> None:
    with site.app.app_context():
        process("vos")
        one, other = db.session.scalars(select(Relation.id).limit(2)).all()
    page.goto(f"{site.url}/t/vos/relations/{one}", wait_until="load")
    page.locator("[name=notes]").fill("Sleutel bij de buren")
    page.goto(f"{site.url}/t/vos/relations/{other}", wait_until="load")
    expect(page.locator(OFFER)).to_have_count(0)
    page.goto(f"{site.url}/t/vos/relations/{one}", wait_until="load")
    page.get_by_role("button", name="Terugzetten").click()
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("[role=status]").filter(has_text="opgeslagen").first).to_be_visible()
    page.reload(wait_until="load")
    expect(page.locator("[name=notes]")).to_have_value("Sleutel bij de buren")
    expect(page.locator(OFFER)).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_offer_fits_and_can_be_read_by_everybody(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    page = at_work(site, open_page, width)
    page.reload(wait_until="load")
    expect(page.locator(OFFER)).to_be_visible()
    assert too_wide(page) == 0
    assert found_by_axe(page) == []
    assert page.evaluate("window.__violations") == []
    picture(page, "offer", width)
    page.get_by_role("button", name="Terugzetten").click()
    is_whole(page)
    assert too_wide(page) == 0
    picture(page, "back", width)


def picture(page: Page, name: str, width: int) -> None:
    """To be looked at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"draft-{name}-{width}.png", full_page=True)
