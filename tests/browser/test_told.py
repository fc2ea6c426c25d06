"""What a search finds while somebody types is said in a region that a screen reader reads out."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in, wait_for_htmx


@pytest.mark.parametrize(
    ("who", "path", "typed"),
    [
        ("owner", "/t/vos/work-orders/", "onderhoud"),
        ("owner", "/t/vos/relations/", "familie"),
        ("owner", "/t/vos/articles/", "expansievat"),
        ("owner", "/t/vos/help/", "securitycodes"),
        ("support", "/support/", "buur"),
    ],
)
def test_how_many_were_found_is_said(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], who: str, path: str, typed: str
) -> None:
    page = open_page()
    log_in(page, site, who, lands="**/support/**" if who == "support" else "**/t/**")
    page.goto(site.url + path, wait_until="domcontentloaded")
    wait_for_htmx(page)
    said, field = page.locator("[data-tells][role=status]"), page.locator("main input[type=search]")
    expect(said).to_be_empty()  # nothing was asked yet
    field.press_sequentially(typed)
    expect(said).to_contain_text("gevonden")
    expect(said).not_to_contain_text("Niets")
    field.press_sequentially(" zeppelin")
    expect(said).to_have_text("Niets gevonden")
