"""The mechanic on a phone, and support looking along."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

from playwright.sync_api import Page, expect

from services.invoicing.preflight import today
from services.orders import work_orders
from services.orders.work_orders import OrderInput
from tests.browser.conftest import log_in, wait_for_htmx
from tests.browser.test_every_page import look_at
from tests.support.cast import PASSWORD, line, process
from tests.support.sandbox_process import Sandbox


def test_a_mechanic_starts_and_finishes_on_a_phone(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        given = OrderInput(
            title="Ketel bijvullen", relation_id=cast.vos.relation_id, location_id=cast.vos.location_id,
            worker_id=cast.vos.worker_id, planned_on=today(datetime.now(UTC)), lines=(line(),),
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
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_support_looks_along_under_a_banner_and_changes_nothing(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    page.goto(f"{site.url}/inloggen", wait_until="domcontentloaded")
    page.locator("input[name=email]").first.fill("support@crafter.example")
    page.locator("input[name=password]").first.fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.wait_for_url("**/support/")
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
