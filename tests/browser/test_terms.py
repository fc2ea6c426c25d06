"""An order in terms, from agreeing to the last invoice, with the books beside it; and a term that fails."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.sandbox_process import Sandbox


def agreed(page: Page, site: SimpleNamespace, cast: SimpleNamespace) -> str:
    """The planner agrees a deposit of 30 % and € 50 at the start, on an order of € 125; the order's address."""
    log_in(page, site, "planner")
    bon = f"{site.url}/t/vos/work-orders/{cast.vos.order_id}"
    page.goto(f"{bon}/terms", wait_until="load")
    assert too_wide(page) == 0
    page.get_by_label("Afgesproken bedrag zonder btw").fill("125")
    page.locator("#terms-0-label").fill("Aanbetaling")
    page.locator("#terms-0-percent").fill("30")
    page.locator("#terms-1-label").fill("Bij start")
    page.locator("#terms-1-percent").fill("10")
    page.locator("#terms-1-amount").fill("50")
    page.get_by_role("button", name="Termijnen opslaan").click()
    expect(page.locator("#terms-1-percent-error")).to_contain_text("een van de twee")
    assert too_wide(page) == 0
    page.locator("#terms-1-percent").fill("")
    page.get_by_role("button", name="Termijnen opslaan").click()
    expect(page.locator("#terms-title")).to_be_visible()
    return bon


def sent(page: Page, n: int) -> None:
    """Term `n` goes out from the order's page."""
    page.get_by_role("link", name=f"Factureren termijn {n}").click()
    expect(page.locator("#invoice")).to_contain_text(f"termijn {n} van 3")
    assert too_wide(page) == 0
    page.get_by_role("button", name="Plaats deze termijn").click()
    expect(page.locator("#slip-title")).to_contain_text("staat klaar in e-Boekhouden")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_a_deposit_a_term_and_the_last_come_to_what_was_agreed(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    page = open_page(width=width, javascript=javascript)
    bon = agreed(page, site, cast)
    for n in (1, 2):
        sent(page, n)
        if javascript:
            assert found_by_axe(page) == []
        page.goto(bon, wait_until="load")
    expect(page.locator("#terms")).to_contain_text("€ 37,50")
    assert too_wide(page) == 0
    if javascript:
        assert found_by_axe(page) == []
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    there = sandbox.invoices("demo")
    assert [Decimal(one["TotaalExclBTW"]) for one in there] == [Decimal("37.50"), Decimal(50), Decimal("37.50")]
    for one in there:
        expect(page.locator("#terms")).to_contain_text(one["Factuurnummer"])
    expect(page.locator("#terms .grand").last).to_contain_text("0,00")
    assert "Al gefactureerd: termijn 2" in there[2]["Regels"][-1]["Omschrijving"]
    assert too_wide(page) == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_a_term_that_fails_says_so_and_is_sent_again_or_let_go(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width)
    bon = agreed(page, site, cast)
    no = {"operation": "AddFactuur", "kind": "refuse", "times": 2, "code": "CFACT004"}
    sandbox.mischief("demo", [no])
    page.get_by_role("link", name="Factureren termijn 1").click()
    page.get_by_role("button", name="Plaats deze termijn").click()
    expect(page.locator("#slip-title")).to_have_text("De termijn is niet geplaatst")
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    page.get_by_role("link", name="Termijn laten vervallen").click()
    assert too_wide(page) == 0
    page.get_by_label("Reden").fill("Klant betaalt achteraf")
    page.get_by_role("button", name="Termijn laten vervallen").click()
    expect(page.get_by_role("button", name="Plaats deze termijn")).to_be_visible()
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "reset_after", "times": 1}])
    page.get_by_role("button", name="Plaats deze termijn").click()
    expect(page.locator("#slip-title")).to_contain_text("We weten nog niet")
    page.get_by_role("button", name="Controleer nu").click()
    expect(page.locator("#slip-title")).to_contain_text("staat klaar in e-Boekhouden")
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    page.goto(bon, wait_until="load")
    assert len(sandbox.invoices("demo")) == 1
