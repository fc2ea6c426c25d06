"""A form that is on its way: the button says so, a second press goes nowhere, and Back gives the button back."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from models import Article, SyncRun, Worker, WorkOrder
from tenancy.database import db
from tests.browser.conftest import log_in, too_wide, wait_for_htmx
from tests.support.cast import process


def count(site: SimpleNamespace, table: type) -> int:
    """How many rows Vos has."""
    with site.app.app_context():
        process("vos")
        return db.session.scalar(select(func.count()).select_from(table)) or 0


# A line so slow that nothing comes of it: what would go out is counted, and stays.
SLOW = """
window.sent = 0;
window.addEventListener('submit', event => { if (!event.defaultPrevented) window.sent++; event.preventDefault(); });
"""


def test_a_form_on_a_slow_line_is_sent_once_and_its_button_says_that_it_is_busy(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page(360)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/new", wait_until="load")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/t/vos/work-orders/", hold)
    page.get_by_label("Werk, kort").fill("Dakgoot vervangen")
    before, save = count(site, WorkOrder), page.get_by_role("button", name="Opslaan").last
    save.click()
    expect(save).to_have_attribute("aria-busy", "true")
    assert too_wide(page) == 0
    save.click()
    page.get_by_label("Werk, kort").press("Enter")
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("h1")).to_contain_text("Dakgoot vervangen")
    assert count(site, WorkOrder) == before + 1
    page.go_back(wait_until="load")
    expect(page.get_by_role("button", name="Opslaan").last).not_to_have_attribute("aria-busy", "true")


def test_a_short_form_is_sent_by_the_browser_itself_and_once_too(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/settings/workers/new", wait_until="load")
    page.evaluate(SLOW)
    page.locator("main input[name=name]").fill("Nieuwe Monteur")
    before, save = count(site, Worker), page.locator("main form button.btn-primary")
    save.click()
    expect(save).to_have_attribute("aria-busy", "true")
    save.click()
    page.locator("main input[name=name]").press("Enter")
    assert page.evaluate("window.sent") == 1
    page.evaluate("document.querySelector('main form[aria-busy]').submit()")
    expect(page.locator("main")).to_contain_text("Nieuwe Monteur")
    assert count(site, Worker) == before + 1


def test_pressed_again_without_javascript_it_is_done_once(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page(javascript=False)
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/articles/new", wait_until="load")
    page.get_by_label("Omschrijving").first.fill("Rookmelder")
    page.get_by_label("Prijs").first.fill("12,50")
    before, form = count(site, Article), page.locator("main form[method=post]").last
    fields = form.locator("input:not([type=checkbox]), select, textarea, input:checked").all()
    typed = {field.get_attribute("name") or "": field.input_value() for field in fields}
    first = page.request.post(f"{site.url}/t/vos/articles/", form=typed)  # the press whose answer never came
    assert first.status == 200
    assert count(site, Article) == before + 1
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("body")).to_contain_text("Dit was al gelukt")
    assert count(site, Article) == before + 1


def test_who_presses_again_after_the_answer_came_means_it(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/articles/", wait_until="load")
    wait_for_htmx(page)
    before, button = count(site, SyncRun), page.get_by_role("button", name="Nu ophalen")
    for times in (1, 2):
        with page.expect_response("**/articles/sync") as answer:
            button.click()
        assert answer.value.status == 200
        assert "hx-redirect" not in answer.value.headers
        assert count(site, SyncRun) == before + times
        expect(button).to_be_enabled()


def test_what_a_form_asks_while_it_is_filled_in_leaves_it_the_same_form(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/relations/new", wait_until="load")
    wait_for_htmx(page)
    token = page.locator("main form[method=post] input[name=once]").last
    before = token.input_value()
    with page.expect_response("**/relations/alike**") as answer:
        page.locator("main input[name=email]").fill("iemand@elders.example")
        page.locator("main input[name=email]").press("Tab")
    answer.value.finished()
    expect(token).to_have_value(before)
