"""The main job end to end: connect, sync, work order, Gecontroleerd, invoice in the books."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from playwright.sync_api import Page, expect

from tests.browser.conftest import choose, log_in, wait_for_htmx
from tests.support.sandbox_process import Sandbox

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "gecontroleerd.png"


def connect_with_the_sandbox(page: Page, sandbox: Sandbox, site: SimpleNamespace, slug: str) -> None:
    """Tick the feature, fill in the credentials, start the connection; everything by hand on the screen."""
    account = sandbox.credentials("demo")
    page.goto(f"{site.url}/t/{slug}/settings/features")
    expect(page.locator(".subnav")).not_to_contain_text("e-Boekhouden.nl")
    page.get_by_label("e-Boekhouden.nl").check()
    page.get_by_role("button", name="Opslaan").click()
    page.locator(".subnav").get_by_role("link", name="e-Boekhouden.nl").click()
    page.get_by_label("Gebruikersnaam").fill(account["username"])
    page.get_by_label("Securitycode 1").fill(account["code1"])
    page.get_by_label("Securitycode 2").fill(account["code2"])
    page.get_by_role("button", name="Start de verbinding met e-Boekhouden.nl").click()
    expect(page.locator("main")).to_contain_text("relaties")
    expect(page.locator("main")).to_contain_text("ctief sinds")


def test_from_a_new_link_to_an_invoice_in_the_books(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    log_in(page, site, "neighbour")
    wait_for_htmx(page)
    connect_with_the_sandbox(page, sandbox, site, "buur")

    page.get_by_role("link", name="Relaties", exact=True).first.click()
    expect(page.locator("main")).to_contain_text("1001")

    page.get_by_role("link", name="Werkbonnen", exact=True).first.click()
    page.get_by_role("link", name="Nieuwe werkbon").first.click()
    page.get_by_label("Werk, kort").fill("Lekkage badkamer verhelpen")
    choose(page, "Klant", "1001")
    page.locator("[name='lines-0-kind']").select_option("hours")
    page.locator("[name='lines-0-description']").fill("Arbeid monteur")
    page.locator("[name='lines-0-quantity']").fill("2,5")
    page.locator("[name='lines-0-unit']").fill("uur")
    page.locator("[name='lines-0-price']").fill("62,50")
    page.locator("[name='lines-0-vat_code']").select_option("high")
    page.locator("[name='lines-0-ledger_code']").select_option("8000")
    expect(page.locator("[data-total=incl]")).to_contain_text("189,06")
    page.get_by_role("button", name="Opslaan").first.click()

    expect(page.locator("h1")).to_contain_text("Lekkage badkamer verhelpen")
    page.get_by_role("button", name="Uitgevoerd").first.click()
    expect(page.locator("#invoice")).to_contain_text("Dit gaat naar e-Boekhouden")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()

    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
    expect(page.locator("#invoice .compare")).to_contain_text("189,06")
    (invoice,) = sandbox.invoices("demo")
    assert invoice["TotaalInclBTW"] == "189.06"
    expect(page.locator("#invoice")).to_contain_text(invoice["Factuurnummer"])
    assert page.evaluate("window.__violations") == []
    if os.environ.get("TAKE_PICTURES"):
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.set_viewport_size({"width": 1280, "height": 1000})
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=PICTURE, full_page=True)


def test_without_javascript_the_same_press_works(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page(javascript=False)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("h1")).to_contain_text("Onderhoud vos")
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
    assert len(sandbox.invoices("demo")) == 1


def test_a_double_click_makes_one_invoice(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "slow", "seconds": 1}])
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}")
    wait_for_htmx(page)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").dblclick()
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
    assert len(sandbox.invoices("demo")) == 1


def test_a_lost_answer_is_said_and_settles_on_controleer_nu(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "lost_answer"}])
    page = open_page()
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}")
    wait_for_htmx(page)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#invoice")).to_contain_text("Stuur niet opnieuw")
    page.get_by_role("button", name="Controleer nu").click()
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
    assert len(sandbox.invoices("demo")) == 1


def test_a_refusal_says_what_why_and_what_now(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    rule = {"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "Relatie is onbekend"}
    sandbox.mischief("demo", [rule])
    page = open_page(width=360)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}")
    wait_for_htmx(page)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    strook = page.locator("#invoice")
    for text in ("Waarom", "Wat nu", "CFACT025", "Relatie is onbekend"):
        expect(strook).to_contain_text(text)
    page.get_by_role("button", name="Opnieuw versturen").click()
    expect(strook).to_contain_text("staat klaar in e-Boekhouden")


def test_when_the_cdn_is_away_the_local_copy_takes_over(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page(cdn=False)
    log_in(page, site, "planner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}", wait_until="domcontentloaded")
    wait_for_htmx(page)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
