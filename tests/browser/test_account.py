"""In a real browser: inviting by mail, joining, the second step with its QR code, and saying again who one is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import SimpleNamespace

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import LoginSession
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import EMAILS, PASSWORD
from tests.support.letters import link_to
from tests.support.sandbox_process import Sandbox

NEW, LONG = "nina@elders.example", "paarse olifant op een trap"


def fit(page: Page) -> None:
    """This page as it stands breaks neither the policy nor the rules of axe, and scrolls in one direction."""
    assert page.evaluate("window.__violations") == []
    assert too_wide(page) <= 0
    assert found_by_axe(page) == []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("javascript", [True, False])
def test_a_colleague_is_invited_and_joins(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], javascript: bool
) -> None:
    owner = open_page(javascript=javascript)
    log_in(owner, site, "owner")
    with site.app.app_context(), write_transaction() as session:
        for row in session.scalars(select(LoginSession)):
            row.data = re.sub(r'"fresh_at": \d+', '"fresh_at": 1', row.data)  # that was long ago
    owner.goto(f"{site.url}/t/vos/settings/team", wait_until="domcontentloaded")
    owner.get_by_role("link", name="Iemand uitnodigen").click()
    expect(owner.locator("h1")).to_have_text("Bevestig dat u het bent")
    owner.locator("input[name=password]").fill(PASSWORD)
    owner.get_by_role("button", name="Bevestigen").click()
    expect(owner.locator("h1")).to_have_text("Iemand uitnodigen")
    owner.locator("input[name=email]").fill(NEW)
    owner.locator("select[name=role]").select_option("planner")
    owner.get_by_role("button", name="Uitnodigen").click()
    expect(owner.locator("main")).to_contain_text(f"De uitnodiging aan {NEW} is verstuurd.")
    with site.app.app_context():
        link = link_to(NEW, "/invitation")
    guest = open_page(width=360, javascript=javascript)
    guest.goto(site.url + link, wait_until="domcontentloaded")
    guest.locator("input[name=name]").fill("Nina Nieuw")
    guest.locator("input[name=password]").fill(LONG)
    guest.get_by_role("button", name="Meedoen").click()
    guest.wait_for_url("**/t/vos/")


@pytest.mark.timeout(240)
def test_the_second_step_from_qr_code_to_logging_in(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=360)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/account/second-factor", wait_until="domcontentloaded")
    page.get_by_role("button", name="Instellen").click()
    expect(page.locator("img[alt^='QR-code']")).to_be_visible()
    # the picture came through the policy
    assert page.evaluate("document.querySelector('img[alt^=QR]').naturalWidth") > 100
    secret = page.locator("code").inner_text().replace(" ", "")
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Aanzetten").click()
    expect(page.locator("[role=alert]")).to_contain_text("klopt niet")
    page.locator("input[name=code]").fill(pyotp.TOTP(secret).at(int(time.time()) - 30))
    page.get_by_role("button", name="Aanzetten").click()
    expect(page.locator("h1")).to_have_text("Uw herstelcodes")
    assert page.locator("ol code").count() == 10
    fit(page)

    other = open_page(width=1280)
    other.goto(f"{site.url}/login", wait_until="domcontentloaded")
    other.locator("input[name=email]").first.fill(EMAILS["planner"])
    other.locator("input[name=password]").first.fill(PASSWORD)
    other.get_by_role("button", name="Inloggen", exact=True).click()
    expect(other.locator("h1")).to_have_text("Tweede stap")
    fit(other)
    other.locator("input[name=code]").fill(pyotp.TOTP(secret).now())
    other.get_by_role("button", name="Inloggen", exact=True).click()
    other.wait_for_url("**/t/vos/")
