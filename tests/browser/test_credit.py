"""A wrong invoice: credited on the order's page, mended, and invoiced anew; and what a credit that fails says."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.sandbox_process import Sandbox


def posted(page: Page, site: SimpleNamespace, cast: SimpleNamespace) -> str:
    """The planner posts the order's invoice, and sees that it is wrong; the order's address."""
    log_in(page, site, "planner")
    bon = f"{site.url}/t/vos/work-orders/{cast.vos.order_id}"
    page.goto(bon, wait_until="load")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    page.get_by_role("link", name="Klopt er iets niet?").click()
    expect(page.get_by_role("heading", name="Crediteren")).to_be_visible()
    assert too_wide(page) == 0
    return bon


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_a_wrong_invoice_is_credited_mended_and_made_anew(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    page = open_page(width=width, javascript=javascript)
    bon = posted(page, site, cast)
    if javascript:
        assert found_by_axe(page) == []
    page.get_by_label("Reden").fill("Een uur te veel")
    page.get_by_role("button", name="Plaats creditfactuur").click()
    expect(page.locator("#invoice")).to_contain_text("Eerder: factuur")
    first, credit = sandbox.invoices("demo")
    expect(page.locator("#invoice")).to_contain_text(
        f"Eerder: factuur {first['Factuurnummer']} (€ 151,25), gecrediteerd met {credit['Factuurnummer']}."
    )
    page.get_by_role("link", name="Bewerken").click()
    page.locator("[name='lines-0-quantity']").fill("1,5")
    page.get_by_role("button", name="Opslaan", exact=True).last.click()
    page.wait_for_url(bon)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    assert too_wide(page) == 0
    first, credit, anew = sandbox.invoices("demo")
    assert [Decimal(one["TotaalInclBTW"]) for one in (first, credit)] == [Decimal("151.25"), Decimal("-151.25")]
    assert 0 < Decimal(anew["TotaalInclBTW"]) != Decimal("151.25")
    assert f"creditfactuur bij factuur {first['Factuurnummer']} van" in credit["Regels"][0]["Omschrijving"]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_credit_that_fails_says_so_and_goes_out_again_from_there(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    page = open_page(width=width)
    posted(page, site, cast)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "times": 1, "code": "CFACT004"}])
    page.get_by_label("Reden").fill("Verkeerde klant")
    page.get_by_label("En daarna").select_option("leave")
    page.get_by_role("button", name="Plaats creditfactuur").click()
    expect(page.locator("#credit-title")).to_have_text("De creditfactuur is niet geplaatst")
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    page.get_by_role("button", name="Creditfactuur opnieuw versturen").click()
    expect(page.locator("#credit-title")).to_contain_text("staat klaar in e-Boekhouden")
    expect(page.locator("#credit-title")).to_be_focused()
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    page.get_by_role("link", name="Niet opnieuw factureren").click()
    page.get_by_label("Reden").fill("Garantie")
    page.get_by_role("button", name="Niet factureren").click()
    expect(page.locator("#strook-title")).to_have_text("Voor deze bon komt geen factuur")
    assert len(sandbox.invoices("demo")) == 2
