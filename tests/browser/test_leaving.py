"""Before the link is changed while something is open: the pages fit, and they work without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from services.invoicing import press
from services.transaction import stop_reading
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox


@pytest.mark.parametrize(("width", "javascript"), [(360, True), (1280, True), (1280, False)])
def test_the_owner_reads_what_is_open_and_goes_on(
    site: SimpleNamespace,
    sandbox: Sandbox,
    open_page: Callable[..., Page],
    cast: SimpleNamespace,
    width: int,
    javascript: bool,
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    with site.app.app_context():
        assert press.approve(site.app.extensions["crafter"], process("vos"), cast.vos.order_id).state == "uncertain"
        stop_reading()
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "owner")
    for address, says in (("e-boekhouden", "Lees eerst"), ("e-boekhouden/undo", "Ja, maak de koppeling ongedaan"),
                          ("e-boekhouden/change", "Ik heb dit gelezen")):  # fmt: skip
        page.goto(f"{site.url}/t/vos/settings/{address}", wait_until="domcontentloaded")
        expect(page.locator("main")).to_contain_text(says)
        if folder := os.environ.get("PICTURES"):
            page.screenshot(path=Path(folder) / f"{address.replace('/', '-')}-{width}.png", full_page=True)
        if javascript:
            assert too_wide(page) == 0
            assert found_by_axe(page) == []
    page.get_by_role("link", name="Ik heb dit gelezen: andere gegevens invullen").click()
    expect(page.locator("input[name=code1]")).to_be_visible()
