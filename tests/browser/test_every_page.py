"""Every page of every role at 360 to 1280 px: no axe finding, no CSP violation, no sideways scroll, one h1."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from services import mail
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide, wait_for_htmx
from tests.isolation.test_neighbour import ids_of, tenant_rules, url
from tests.isolation.test_queries import add_much
from tests.support.sandbox_process import Sandbox


def pages_of(site: SimpleNamespace, cast: SimpleNamespace) -> list[str]:
    """The address of every GET page under the tenant."""
    return sorted(
        url(site.app, rule, "vos", ids_of(cast.vos))
        for rule in tenant_rules(site.app)
        if "GET" in (rule.methods or set()) and "export" not in rule.rule
    )


def look_at(page: Page, address: str) -> list[str]:
    """What is wrong with one page."""
    wrong = []
    answer = page.goto(address, wait_until="domcontentloaded")
    if answer is None or answer.status in (403, 404) or "/invoice" in address:
        return []  # not for this role, or a fragment without a page
    if answer.status >= 400:
        return [f"{address}: {answer.status}"]
    wait_for_htmx(page)
    if overflow := too_wide(page):
        wrong.append(f"{address}: {overflow} px too wide")
    wrong += [f"{address}: CSP {entry}" for entry in page.evaluate("window.__violations")]
    if page.locator("h1").count() != 1:
        wrong.append(f"{address}: {page.locator('h1').count()} h1")
    return wrong + [f"{address}: {text}" for text in found_by_axe(page)]


@pytest.mark.parametrize(("who", "width"), [("owner", 1280), ("owner", 360), ("worker", 360), ("reader", 768)])
@pytest.mark.timeout(480)
def test_every_page_is_fit_for_everybody(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], who: str, width: int
) -> None:
    with site.app.app_context():
        add_much(cast.vos, 1, 10)
        addresses = pages_of(site, cast)
    page = open_page(width=width)
    log_in(page, site, who)
    wrong = [text for address in addresses for text in look_at(page, site.url + address)]
    assert wrong == [], "\n".join(wrong)


DOORS = ("/login", "/forgotten-password", "/new-password/weg", "/invitation/weg", "/invitation/invited-vos",
         "/welcome/weg", "/outbox")  # fmt: skip
OWN = ("/account", "/account/password", "/account/second-factor", "/account/second-factor/set-up", "/account/confirm")


def test_the_pages_before_logging_in_are_fit_for_everybody(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context(), write_transaction() as session:
        mail.post(session, "jan@klant.example", "Een link", f"{site.url}/welcome/weg en een heel lang stuk" + "x" * 90)
    for width in (360, 1280):
        page = open_page(width=width)
        assert [text for path in DOORS for text in look_at(page, site.url + path)] == []


def test_the_pages_of_ones_own_account_are_fit_for_everybody(
    site: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    for width in (360, 1280):
        page = open_page(width=width)
        log_in(page, site, "planner")
        page.goto(f"{site.url}/account/second-factor", wait_until="domcontentloaded")
        page.get_by_role("button", name="Instellen").click()
        page.wait_for_url("**/set-up")
        assert [text for path in OWN for text in look_at(page, site.url + path)] == []
