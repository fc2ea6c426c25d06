"""Before the link is changed while something is open: the pages fit, and they work without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from services import heartbeat
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
        heartbeat.beat(heartbeat.WORKER, uuid4())
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "owner")
    for address, says in (("e-boekhouden", "Lees eerst"), ("e-boekhouden/undo", "Ja, maak de koppeling ongedaan"),
                          ("e-boekhouden/change", "Ik heb dit gelezen")):  # fmt: skip
        page.goto(f"{site.url}/t/vos/settings/{address}", wait_until="domcontentloaded")
        expect(page.locator("main")).to_contain_text(says)
        picture(page, address.replace("/", "-"), width)
        if javascript:
            assert too_wide(page) == 0
            assert found_by_axe(page) == []
    page.get_by_role("button", name="Ik heb dit gelezen: andere gegevens invullen").click()
    expect(page.locator("input[name=code1]")).to_be_visible()
    for field, text in sandbox.credentials("bouw").items():
        if field in {"username", "code1", "code2"}:
            page.locator(f"input[name={field}]").fill(text)
    page.get_by_role("button", name="Start de verbinding").click()
    expect(page.locator("main")).to_contain_text("De verbinding is actief sinds")
    expect(page.locator("main")).to_contain_text("Kies de factuurinstellingen voor")
    picture(page, "started", width)
    order = f"work-orders/{cast.vos.order_id}"
    shown = {"settings/e-boekhouden/administrations": "bewaard sinds", "settings/numbers": "Demobedrijf"}
    for address, says in (shown | {order: "In administratie"}).items():
        page.goto(f"{site.url}/t/vos/{address}", wait_until="domcontentloaded")
        expect(page.locator("main")).to_contain_text(says)
        picture(page, address.split("/")[-1][:14], width)
        if javascript:
            assert too_wide(page) == 0
            assert found_by_axe(page) == []
    page.goto(f"{site.url}/t/vos/settings/e-boekhouden/administrations", wait_until="domcontentloaded")
    page.get_by_role("button", name="Wis deze codes nu").click()
    expect(page.locator("main")).not_to_contain_text("bewaard sinds")


def picture(page: Page, name: str, width: int) -> None:
    """To be looked at, where PICTURES names a folder."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
