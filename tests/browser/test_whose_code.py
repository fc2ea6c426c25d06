"""The strook asks by itself whom the customer's code leads to, after the page is there, and beside a press."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from domain.notes import note
from models import InvoicePosting
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide, wait_for_htmx
from tests.services.test_customer_of_an_invoice import CODE, change_there, row_of, swap
from tests.support.cast import make_order, process
from tests.support.sandbox_process import Sandbox

SHOWN = f"Relatiecode {CODE} is in e-Boekhouden van"


@pytest.fixture
def bon(site: SimpleNamespace, cast: SimpleNamespace) -> str:
    """The address of an executed order for a customer that was read in."""
    with site.app.app_context():
        actor = process("vos")
        return f"{site.url}/t/vos/work-orders/{make_order(actor, row_of(CODE).id)}"


def fits(page: Page, picture: str) -> None:
    """Nothing sticks out and axe finds nothing; a picture for who wants to look (PICTURES=folder)."""
    assert too_wide(page) == 0
    assert found_by_axe(page) == []
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{picture}-{(page.viewport_size or {})['width']}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_asks_and_the_press_that_follows_makes_one_call(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], bon: str, width: int
) -> None:
    page = open_page(width=width)
    log_in(page, site, "planner")
    page.goto(bon, wait_until="domcontentloaded")
    expect(page.locator("#customer-there")).to_contain_text(SHOWN)
    expect(page.locator("#customer-there button")).to_have_count(0)
    fits(page, "same")
    before = len(sandbox.calls("demo"))
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator(".strook-state")).to_have_text("geplaatst")
    called = [call["operation"] for call in sandbox.calls("demo")[before:]]
    assert called[0] == "AddFactuur"
    assert "GetRelaties" not in called


@pytest.mark.parametrize("width", [360, 1280])
def test_a_code_of_somebody_else_takes_the_press_away(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], bon: str, width: int
) -> None:
    swap(sandbox)
    page = open_page(width=width)
    log_in(page, site, "planner")
    page.goto(bon, wait_until="domcontentloaded")
    expect(page.locator(".blockers")).to_contain_text("en niet van")
    expect(page.locator("form[action$=approve]")).to_have_count(0)
    fits(page, "another")
    swap(sandbox)
    page.get_by_role("button", name="Kijk opnieuw").click()
    expect(page.locator("#customer-there")).to_contain_text(SHOWN)
    expect(page.locator("form[action$=approve]")).to_have_count(1)


@pytest.mark.parametrize("width", [360, 1280])
def test_what_else_there_is_to_say(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], bon: str, width: int
) -> None:
    change_there(sandbox, CODE, Bedrijf="De Opvolger B.V.", Plaats="Delft")
    page = open_page(width=width)
    log_in(page, site, "planner")
    sandbox.mischief("demo", [{"operation": "GetRelaties", "kind": "html_503", "times": 1}])
    page.goto(bon, wait_until="domcontentloaded")
    expect(page.locator("#customer-there")).to_contain_text("kon niet in e-Boekhouden worden opgezocht")
    fits(page, "no-answer")
    page.get_by_role("button", name="Kijk opnieuw").click()
    expect(page.locator("#customer-there")).to_contain_text("hier overgenomen")
    for place in (".strook .facts", "#order-customer"):
        expect(page.locator(place)).to_contain_text("De Opvolger B.V.")
    fits(page, "changed")


def test_without_javascript_a_button_asks(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], bon: str
) -> None:
    page = open_page(javascript=False)
    log_in(page, site, "planner")
    page.goto(bon)
    page.get_by_role("button", name="Vraag wie deze code heeft").click()
    expect(page.locator("#customer-there")).to_contain_text(SHOWN)


def test_an_answer_that_comes_after_a_press_leaves_the_outcome_standing(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], bon: str
) -> None:
    """The page's question is held up until the press is done; its answer would bring a whole strook."""
    change_there(sandbox, CODE, Bedrijf="De Opvolger B.V.")
    page = open_page()
    log_in(page, site, "planner")
    held = []
    page.route("**/customer?*", lambda route: held.append((route, route.fetch())))
    page.goto(bon, wait_until="domcontentloaded")
    wait_for_htmx(page)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator(".strook-state")).to_have_text("geplaatst")
    ((route, answer),) = held
    assert answer.headers["hx-retarget"].startswith("#invoice")
    with page.expect_response("**/customer?*"):
        route.fulfill(response=answer)
    page.wait_for_load_state("networkidle")
    expect(page.locator(".strook-state")).to_have_text("geplaatst")


@pytest.mark.parametrize("width", [360, 1280])
def test_an_invoice_that_may_be_with_another_customer(
    site: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], bon: str, width: int
) -> None:
    page = open_page(width=width)
    log_in(page, site, "owner")
    page.goto(bon, wait_until="domcontentloaded")
    wait_for_htmx(page)
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator(".strook-state")).to_have_text("geplaatst")
    with site.app.app_context():
        process("vos")
        with write_transaction() as session:
            row = session.scalars(select(InvoicePosting)).one()
            row.code_moved_at = row.sent_at
            row.code_moved = note("posting.code_moved", code=CODE, there="Proef & Zonen", name="Woningstichting")
    page.goto(f"{site.url}/t/vos/", wait_until="domcontentloaded")
    fits(page, "moved-start")
    page.get_by_role("link", name="Natrekken" if width > 1000 else "Onderhoud").or_(
        page.get_by_role("link", name="Woningstichting")
    ).first.click()
    expect(page.locator("#invoice")).to_contain_text("Opschrijven wat u zag")
    expect(page.locator("#invoice")).to_contain_text("Beide totalen zijn gelijk")
    fits(page, "moved-bon")
    page.get_by_role("link", name="Opschrijven wat u zag").click()
    fits(page, "moved-form")
    page.get_by_label("Reden").fill("Staat op de goede klant")
    page.get_by_role("button", name="Opgeschreven").click()
    expect(page.locator("#trail")).to_contain_text("Staat op de goede klant")
