"""Long forms in two tabs, and every long form after Back and a reload: nothing is written over or comes by halves."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, log_in
from tests.browser.test_drafts import BACK, NEW, OFFER, count, drafts
from tests.browser.test_every_page import pages_of
from tests.support.client import client_for

TITLE, TEXT = "Werk, kort", "Wat te doen"
VALUES = """form => [...form.elements]
  .filter(({ name, type }) => name && !['csrf_token', 'once', 'whose', 'shown_order'].includes(name)
    && !['submit', 'button'].includes(type))
  .map(({ name, type, value, checked }) => [name, ['checkbox', 'radio'].includes(type) ? checked : value])"""
LONG = re.compile(r"<form[^>]* data-draft[\s>]")
BY_TYPE = {"date": "2026-12-01", "time": "10:30"}


@pytest.fixture
def page(site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]) -> Page:
    """The owner at a desk, who leaves a page when asked whether to."""
    page = open_page()
    page.context.on("page", lambda one: one.on("dialog", lambda dialog: dialog.accept()))
    page.on("dialog", lambda dialog: dialog.accept())
    log_in(page, site, "owner")
    return page


def opened(page: Page, site: SimpleNamespace) -> Page:
    """A tab with an empty work order."""
    page.goto(site.url + NEW, wait_until="load")
    return page


def kept_titles(page: Page) -> list[str]:
    """The titles of the work orders that the browser keeps."""
    return sorted(dict(pair[:2] for pair in draft["values"])["title"] for draft in drafts(page))


def until_kept(page: Page, *titles: str) -> None:
    """Typing is kept a moment later."""
    for _time in range(PATIENCE // 50):
        if kept_titles(page) == sorted(titles):
            return
        page.wait_for_timeout(50)
    assert kept_titles(page) == sorted(titles)


def put_back(page: Page) -> None:
    """Take what is offered."""
    page.get_by_role("button", name="Terugzetten").click()
    expect(page.locator(BACK)).to_be_visible()


def test_two_tabs_keep_a_draft_each_and_both_are_offered(page: Page, site: SimpleNamespace) -> None:
    one, other = opened(page, site), opened(page.context.new_page(), site)
    one.get_by_label(TITLE).fill("Dakgoot")
    other.get_by_label(TITLE).fill("Ketel")
    until_kept(one, "Dakgoot", "Ketel")
    one.close(run_before_unload=False)
    other.close(run_before_unload=False)
    third = opened(page.context.new_page(), site)
    seen = []
    for _time in range(2):
        put_back(third)
        seen.append(third.get_by_label(TITLE).input_value())
        third.reload(wait_until="load")
        third.get_by_role("button", name="Weggooien").click()
    assert sorted(seen) == ["Dakgoot", "Ketel"]


def test_what_is_put_back_in_one_tab_is_not_written_over_by_the_tab_that_has_it_still(
    page: Page, site: SimpleNamespace
) -> None:
    one = opened(page, site)
    one.get_by_label(TITLE).fill("Dakgoot")
    until_kept(one, "Dakgoot")
    other = opened(page.context.new_page(), site)
    put_back(other)
    other.get_by_label(TEXT).fill("Uit het tweede tabblad")
    one.get_by_label(TITLE).fill("Dakgoot en pijp")
    until_kept(one, "Dakgoot", "Dakgoot en pijp")
    other.get_by_label(TITLE).fill("Andere goot")
    until_kept(one, "Andere goot", "Dakgoot en pijp")


def test_both_tabs_are_one_order_to_the_server_and_what_differs_is_said(page: Page, site: SimpleNamespace) -> None:
    one, before = opened(page, site), count(site)
    one.get_by_label(TITLE).fill("Dakgoot")
    until_kept(one, "Dakgoot")
    other = opened(page.context.new_page(), site)
    put_back(other)
    other.get_by_role("button", name="Opslaan").last.click()
    expect(other.locator("h1")).to_contain_text("Dakgoot")
    one.get_by_label(TITLE).fill("Dakgoot en pijp")
    one.get_by_role("button", name="Opslaan").last.click()
    expect(one.locator("#content")).to_contain_text("Dit formulier hebt u al verstuurd")
    expect(one.get_by_label(TITLE)).to_have_value("Dakgoot en pijp")
    assert count(site) == before + 1


def test_what_was_typed_before_an_offer_was_taken_is_offered_in_its_turn(page: Page, site: SimpleNamespace) -> None:
    gone = opened(page.context.new_page(), site)
    gone.get_by_label(TITLE).fill("Dakgoot")
    until_kept(gone, "Dakgoot")
    gone.close(run_before_unload=False)
    opened(page, site)
    expect(page.locator(OFFER)).to_be_visible()
    page.get_by_label(TITLE).fill("Net getypt")
    put_back(page)
    expect(page.get_by_label(TITLE)).to_have_value("Dakgoot")
    until_kept(page, "Dakgoot", "Net getypt")
    put_back(page)
    expect(page.get_by_label(TITLE)).to_have_value("Net getypt")
    until_kept(page, "Dakgoot", "Net getypt")


# -- every long form --------------------------------------------------------------------------------------------------


def long_forms(site: SimpleNamespace, cast: SimpleNamespace) -> list[str]:
    """The address of every page that holds one."""
    with site.app.app_context():
        client = client_for(site.app, "owner")
        return [address for address in pages_of(site, cast) if LONG.search(client.get(address).text)]


def fill(form: Locator) -> None:
    """Type in every field that somebody types in, and in another line where there are lines."""
    more = form.get_by_role("button", name="Regel toevoegen")
    if more.count():
        more.first.click()
    fields = form.locator("input:not([type=hidden]):not([type=checkbox]):not([type=radio]), textarea")
    for number, field in enumerate(fields.all()):
        searched = field.evaluate("field => field.readOnly || Boolean(field.closest('[data-choice]'))")
        if field.is_visible() and not searched:
            field.fill(BY_TYPE.get(field.get_attribute("type") or "", f"{number}"))


def comes_back(page: Page, form: Locator, came: Any, typed: Any) -> list[str]:
    """What is wrong with a form that somebody comes back to."""
    now = form.evaluate(VALUES)
    if now == typed:
        return []  # the browser kept the page
    if now != came:
        return [f"by halves: {[pair for pair in now if pair not in came]}"]
    offer = form.locator("xpath=..").locator(OFFER)
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Terugzetten").click()
    again = form.evaluate(VALUES)
    return [] if again == typed else [f"put back without {[pair for pair in typed if pair not in again]}"]


@pytest.mark.timeout(480)
def test_every_long_form_is_whole_or_empty_after_back_and_after_a_reload(
    page: Page, site: SimpleNamespace, cast: SimpleNamespace
) -> None:
    addresses, wrong = long_forms(site, cast), []
    for part in ("work-orders/new", "/report", "/edit", "relations/new", str(cast.vos.relation_id)):
        assert any(part in address for address in addresses), (part, addresses)
    for address in addresses:
        page.goto(site.url + address, wait_until="load")
        for at in range(page.locator("form[data-draft]").count()):
            page.evaluate("localStorage.clear()")
            page.goto(site.url + address, wait_until="load")
            form = page.locator("form[data-draft]").nth(at)
            if not form.locator("input:visible, textarea:visible").count():
                continue
            came = form.evaluate(VALUES)
            fill(form)
            typed = form.evaluate(VALUES)
            assert typed != came, address
            page.goto(f"{site.url}/t/vos/help/", wait_until="load")
            page.go_back(wait_until="load")
            wrong += [f"{address}, back: {what}" for what in comes_back(page, form, came, typed)]
            page.reload(wait_until="load")
            wrong += [f"{address}, reload: {what}" for what in comes_back(page, form, came, typed)]
            page.evaluate("document.querySelectorAll('form').forEach(form => form.reset())")
    assert wrong == []
