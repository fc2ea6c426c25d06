"""A painter's order of labour at 9% and paint at 21%: asked once for a work site, which knows it from then on."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from services.company import tenants
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import line, make_order, process
from tests.support.sandbox_process import Sandbox

LINES = (
    line(vat_code="low", description="Schilderwerk kozijnen", quantity=Decimal(8), code="SCHILDER"),
    line(kind="material", vat_code="high", description="Verf", unit="blik", price=Decimal("40.00"), code="VERF"),
)
DECLARED = "Woning ouder dan twee jaar, verklaard door Planner Vos op"


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, for who wants to see it: PICTURES=folder."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=Path(os.environ["PICTURES"]) / f"{name}-{page.viewport_size['width']}.png", full_page=True)  # type: ignore[index]


def painted(site: SimpleNamespace, place: SimpleNamespace, **fields: object) -> UUID:
    """An executed order of a painter."""
    with site.app.app_context():
        order_id = make_order(process("vos"), place.relation_id, lines=LINES, title="Kozijnen schilderen", **fields)
        tenants.leave()
    return order_id


def right(page: Page, javascript: bool) -> None:
    """It fits, and axe has nothing to say."""
    assert too_wide(page) == 0
    if javascript:
        assert found_by_axe(page) == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_a_painter_is_asked_once_for_a_dwelling(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    first, second = (painted(site, cast.vos, location_id=cast.vos.location_id) for _n in range(2))
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{first}", wait_until="load")
    expect(page.locator("#dwelling")).to_contain_text("Bij het plaatsen vraagt Crafter het.")
    right(page, javascript)
    picture(page, "before")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_have_text("Er is nog niets verstuurd")
    expect(page.locator("#invoice")).to_contain_text(
        "Is Dorpsstraat 1, Waterveen een woning die ouder is dan twee jaar?"
    )
    expect(page.get_by_role("link", name="Regels verbeteren")).to_have_attribute(
        "href", f"/t/vos/work-orders/{first}/edit"
    )
    right(page, javascript)
    picture(page, "asked")
    assert sandbox.invoices("demo") == []

    page.get_by_role("button", name="Ja, dit klopt: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    expect(page.locator("#dwelling")).to_contain_text(DECLARED)
    right(page, javascript)
    picture(page, "posted")
    (invoice,) = sandbox.invoices("demo")
    assert [(row["BTWCode"], row["Code"]) for row in invoice["Regels"]] == [
        ("LAAG_VERK_9", "SCHILDER"), ("HOOG_VERK_21", "VERF"),
    ]  # fmt: skip
    # 8 × 62.50 at 9% and 2 × 40.00 at 21%
    assert (Decimal(invoice["TotaalExclBTW"]), Decimal(invoice["TotaalInclBTW"])) == (580, Decimal("641.80"))

    page.goto(f"{site.url}/t/vos/work-orders/{second}", wait_until="load")
    expect(page.locator("#dwelling")).to_contain_text(DECLARED)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    assert len(sandbox.invoices("demo")) == 2


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_it_is_filled_in_ahead_at_the_work_site_and_taken_back_there(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page], width: int, javascript: bool
) -> None:
    order_id = painted(site, cast.vos, location_id=cast.vos.location_id)
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "planner")
    bon = f"{site.url}/t/vos/work-orders/{order_id}"
    page.goto(bon, wait_until="load")
    page.get_by_role("link", name="Invullen bij de werklocatie").click()
    page.get_by_label("Woning ouder dan twee jaar").check()
    page.get_by_label("Verklaard door").fill("Mw. De Vries")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("#dwelling_declared_on-error")).to_contain_text("Vul in op welke dag")
    expect(page.get_by_label("Verklaard door")).to_have_value("Mw. De Vries")
    right(page, javascript)
    picture(page, "site")
    page.get_by_label("Verklaard op").fill("2026-01-05")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("#locations")).to_contain_text("verklaard door Mw. De Vries op 5 jan 2026")
    right(page, javascript)
    picture(page, "relation")
    page.goto(bon, wait_until="load")
    expect(page.locator("#dwelling")).to_contain_text("verklaard door Mw. De Vries op 5 jan 2026")
    picture(page, "declared")
    page.get_by_role("link", name="Wijzigen of intrekken bij de werklocatie").click()
    page.get_by_label("Woning ouder dan twee jaar").uncheck()
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("#locations")).not_to_contain_text("verklaard door")


@pytest.mark.parametrize("width", [360, 1280])
def test_without_a_work_site_it_is_taken_back_at_the_order(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    order_id = painted(site, cast.vos)
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT028", "text": "x"}])
    page = open_page(width=width)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{order_id}", wait_until="load")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    page.get_by_role("button", name="Ja, dit klopt: plaats factuur").click()
    expect(page.locator("#dwelling")).to_contain_text(DECLARED)
    right(page, True)
    picture(page, "refused")
    page.get_by_role("button", name="Verklaring intrekken").click()
    expect(page.locator("#trail")).to_contain_text("Ingetrokken: woning ouder dan twee jaar")
    expect(page.get_by_role("button", name="Verklaring intrekken")).to_have_count(0)
