"""The mechanic on a phone, and support looking along."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from services.orders import work_orders
from services.orders.work_orders import OrderInput
from tenancy.clock import day_of
from tests.browser.conftest import log_in, too_wide, wait_for_htmx
from tests.browser.test_every_page import look_at
from tests.isolation.test_queries import add_much
from tests.support.cast import PASSWORD, line, process
from tests.support.sandbox_process import Sandbox


def test_a_mechanic_starts_and_finishes_on_a_phone(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        given = OrderInput(
            title="Ketel bijvullen", relation_id=cast.vos.relation_id, location_id=cast.vos.location_id,
            worker_id=cast.vos.worker_id, planned_on=day_of(datetime.now(UTC)), lines=(line(),),
        )  # fmt: skip
        work_orders.create(process("vos"), given)
    page = open_page(width=360)
    log_in(page, site, "worker")
    expect(page.locator("h1")).to_contain_text("Mijn dag")
    expect(page.locator("main")).to_contain_text("Ketel bijvullen")
    page.locator("main a[href*='/work-orders/']").first.click()
    expect(page.locator("main")).not_to_contain_text("62,50")
    page.get_by_role("button", name=re.compile("^Begin")).first.click()
    expect(page.locator("main")).to_contain_text("in uitvoering")
    page.get_by_role("button", name="Werk is uitgevoerd").click()
    expect(page.locator(".chip").first).to_contain_text("uitgevoerd")
    assert too_wide(page) <= 0


# The browser scrolls in a frame of its own choosing: until the page has moved and then stood still for six frames.
COME_TO_REST = """() => new Promise(done => {
  let last = 0, still = 0;
  (function look() {
    still = scrollY > 0 && scrollY === last ? still + 1 : 0;
    last = scrollY;
    still > 5 ? done() : requestAnimationFrame(look);
  })();
})"""


@pytest.mark.parametrize(("who", "width"), [("planner", 1280), ("planner", 360), ("support", 1280), ("support", 360)])
def test_what_is_jumped_to_stands_clear_of_the_bars(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], who: str, width: int
) -> None:
    with site.app.app_context():
        add_much(cast.vos, 1, 20)
    page = open_page(width=width)
    if who == "support":
        step_in(page, site)
    else:
        log_in(page, site, who)
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}", wait_until="load")
    page.evaluate("location.hash = '#invoice'")
    page.evaluate(COME_TO_REST)
    bottom = "Math.max(...[...document.querySelectorAll('.topbar, .tape')].map(n => n.getBoundingClientRect().bottom))"
    assert page.evaluate(f"document.getElementById('invoice').getBoundingClientRect().top >= {bottom}")


def log_in_as_support(page: Page, site: SimpleNamespace) -> None:
    """Sam Steun logs in and stands before the list of tenants."""
    page.goto(f"{site.url}/login", wait_until="domcontentloaded")
    page.locator("input[name=email]").first.fill("support@crafter.example")
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.wait_for_url("**/support/")


def step_in(page: Page, site: SimpleNamespace) -> None:
    """Support steps in at Vos to look along."""
    log_in_as_support(page, site)
    page.goto(f"{site.url}/support/vos/step-in", wait_until="domcontentloaded")
    page.locator("[name=reason]").fill("factuur 2026-0001 samen bekijken")
    page.get_by_role("button", name="Naar binnen").click()
    page.wait_for_url("**/t/vos/")


def test_support_looks_along_under_a_banner_and_changes_nothing(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in_as_support(page, site)
    assert look_at(page, f"{site.url}/support/") == []
    assert look_at(page, f"{site.url}/support/vos/step-in") == []
    page.locator("[name=reason]").fill("factuur 2026-0001 samen bekijken")
    page.get_by_role("button", name="Naar binnen").click()
    page.wait_for_url("**/t/vos/")
    for path in ("", "work-orders/", f"work-orders/{cast.vos.order_id}", "settings/features"):
        page.goto(f"{site.url}/t/vos/{path}", wait_until="domcontentloaded")
        expect(page.locator(".tape")).to_contain_text("Sam Steun")
        expect(page.locator(".tape")).to_contain_text("factuur 2026-0001 samen bekijken")
        assert page.get_by_role("button", name="Gecontroleerd: plaats factuur").count() == 0
    wait_for_htmx(page)
    page.get_by_role("button", name="Stop met meekijken").click()
    page.wait_for_url("**/support/")
    answer = page.goto(f"{site.url}/t/vos/")
    assert answer is not None
    assert answer.status == 404

    owner = open_page()
    log_in(owner, site, "owner")
    owner.goto(f"{site.url}/t/vos/settings/history")
    expect(owner.locator("main")).to_contain_text("Sam Steun")
    expect(owner.locator("main")).to_contain_text("factuur 2026-0001 samen bekijken")
