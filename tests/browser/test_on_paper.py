"""A bon on paper: what the customer signs, and nothing to press."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.support.cast import make_order, process

PRESSED = ".btn:visible, .actbar:visible, button:visible, .crumb a:visible"


@pytest.mark.parametrize("who", ["worker", "planner"])
def test_nothing_to_press_stands_on_paper(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], who: str
) -> None:
    with site.app.app_context():
        plan = {"executed_on": None, "planned_on": date(2026, 11, 19), "worker_id": cast.vos.worker_id}
        order_id = make_order(process("vos"), cast.vos.relation_id, "planned", **plan)
    page = open_page(width=360, height=740) if who == "worker" else open_page()
    log_in(page, site, who)
    page.goto(f"{site.url}/t/vos/work-orders/{order_id}", wait_until="load")
    expect(page.locator(PRESSED).first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(PRESSED)).to_have_count(0)
    expect(page.get_by_text("Onderhoud").first).to_be_visible()
