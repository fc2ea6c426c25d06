"""What is asked once more before an invoice goes out: on a phone and a desk, with a script and without."""

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

from models import Connection, WorkOrder
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

LONG_AGO = date(2024, 5, 3)


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for who wants to see it: PICTURES=folder."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def right(page: Page) -> None:
    """It fits and axe has nothing to say."""
    assert too_wide(page) == 0
    assert found_by_axe(page) == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_a_press_is_held_until_somebody_says_yes(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    with site.app.app_context():
        process("vos")
        with write_transaction() as session:
            session.scalars(select(WorkOrder).where(WorkOrder.id == cast.vos.order_id)).one().executed_on = LONG_AGO
            session.scalars(select(Connection)).one().ask_above = Decimal(100)
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_have_text("Er is nog niets verstuurd")
    expect(page.locator("#invoice")).to_contain_text("Is het werk uitgevoerd op 3 mei 2024?")
    expect(page.locator("#invoice")).to_contain_text("Een factuur van €\u00a0151,25?")
    picture(page, "questions")
    if javascript:
        expect(page.locator("#strook-title")).to_be_focused()
        right(page)
    assert sandbox.invoices("demo") == []
    page.get_by_role("button", name="Ja, dit klopt: plaats factuur").click()
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_form_asks_about_a_day_of_long_ago_beside_the_field(
    site: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/new")
    page.get_by_label("Werk, kort").fill("Dakgoot")
    page.get_by_label("Uitgevoerd op").fill(LONG_AGO.isoformat())
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("#executed_on-error")).to_contain_text("meer dan een jaar geleden")
    picture(page, "form-day")
    right(page)
    page.get_by_label("Ja, het werk is gedaan op 3 mei 2024").check()
    page.get_by_role("button", name="Opslaan").last.click()
    expect(page.locator("h1")).to_have_text("Dakgoot")
