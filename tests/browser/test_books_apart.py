"""Aansluiting in a real browser: comparing at a press, what is found, and its way out; and pictures of it for docs/.

`TAKE_PICTURES=1 .venv/bin/python -m pytest -n 0 tests/browser/test_books_apart.py` makes the pictures anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Reconciliation, ReconciliationMonth
from services.reconciliation import rounds
from services.transaction import write_transaction
from tenancy.clock import today
from tenancy.database import db
from tests.browser.conftest import found_by_axe, log_in, too_wide, wait_for_htmx
from tests.support.books import put_a_foreign_invoice
from tests.support.cast import numbered, process
from tests.support.reconciled import held, lines_of, posted
from tests.support.sandbox_process import Sandbox

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
ROOM = "/t/vos/reconciliation/"
# half a year of a small company, from two months back: ours, theirs (each: invoices, and euros with VAT), equal
_MONTHS = (
    ((41, "18350.10"), (41, "18350.10"), 41), ((38, "16980.25"), (37, "16418.75"), 37),
    ((22, "9450.00"), (22, "9450.00"), 22), ((35, "15210.40"), (35, "15310.40"), 34),
    ((44, "20115.95"), (44, "20115.95"), 44), ((40, "17320.00"), (40, "17320.00"), 40),
)  # fmt: skip


def take(page: Page, name: str) -> None:
    """A picture for docs/, when asked for."""
    if os.environ.get("TAKE_PICTURES"):
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def _earlier() -> date:
    return today(db.session()) - timedelta(days=20)


def apart(vos: SimpleNamespace, sandbox: Sandbox) -> list[str]:
    """Four invoices, of which three do not stand alike any more; their numbers."""
    rows = posted(vos, 4)
    numbers = [row.number for row in rows]
    sandbox.remove_invoice("demo", numbers[0])
    lines = lines_of(sandbox, numbers[1])
    sandbox.edit_invoice(
        "demo", numbers[1], Datum=_earlier().isoformat(), Regels=[{**lines[0], "Aantal": "3"}, *lines[1:]]
    )
    sandbox.edit_invoice("demo", numbers[2], Factuurnummer="F00009")
    held(vos)
    with write_transaction() as session:
        run = session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)).one()
        months = today(session).year * 12 + today(session).month - 1
        for back, (ours, theirs, equal) in enumerate(_MONTHS, 2):
            month = date((months - back) // 12, (months - back) % 12 + 1, 1)
            row = ReconciliationMonth(run_id=run.id, month=month, equal=equal, ours=ours[0], theirs=theirs[0])
            row.ours_incl, row.theirs_incl = Decimal(ours[1]), Decimal(theirs[1])
            session.add(row)
    return numbers


@pytest.mark.parametrize("width", [360, 1280])
def test_what_differs_is_seen_and_can_be_used_by_everybody(
    site: SimpleNamespace, vos: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page], width: int
) -> None:
    numbers = apart(vos, sandbox)
    page = open_page(width=width)
    log_in(page, site, "office")
    addresses = [f"{site.url}{ROOM}", f"{site.url}{ROOM}runs", f"{site.url}/t/vos/"]
    page.goto(addresses[0], wait_until="domcontentloaded")
    expect(page.locator("main")).to_contain_text("Crafter en e-Boekhouden sluiten niet aan")
    if width == 1280:
        take(page, "aansluiting")
    page.get_by_role("link", name=numbers[1]).click()
    expect(page.locator("main")).to_contain_text("Regel 1: aantal")
    for address in (page.url, *addresses):
        page.goto(address, wait_until="domcontentloaded")
        assert found_by_axe(page) == [], f"{address} at {width}"
        assert too_wide(page) <= 0, f"{address} at {width}"


def test_a_press_compares_and_the_page_follows_it_by_itself(
    site: SimpleNamespace, vos: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    posted(vos, 2)
    page = open_page()
    log_in(page, site, "office")
    page.goto(f"{site.url}{ROOM}", wait_until="domcontentloaded")
    wait_for_htmx(page)
    page.get_by_role("button", name="Vergelijk nu").click()
    expect(page.get_by_role("heading", name="Bezig met vergelijken")).to_be_visible()
    process("vos")
    rounds.carry_out(vos.deps, vos.actor)  # what the worker does
    page.get_by_role("link", name="Toon de uitkomst").click()
    expect(page.locator("main")).to_contain_text("2 facturen stonden daar precies zoals hier, op ")
    expect(page.get_by_role("button", name="Vergelijk nu")).to_be_visible()
    assert page.evaluate("window.__violations") == []


def test_without_javascript_the_same_is_done(
    site: SimpleNamespace, vos: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page]
) -> None:
    numbers = apart(vos, sandbox)
    page = open_page(javascript=False)
    log_in(page, site, "office")
    page.goto(f"{site.url}{ROOM}")
    page.get_by_role("link", name=numbers[1]).click()
    page.get_by_role("button", name="Laat dit zo").click()
    expect(page.locator("main")).to_contain_text("Schrijf op waarom dit zo mag blijven.")
    page.get_by_label("Waarom mag dit zo blijven?").fill("De klant belde")
    page.get_by_role("button", name="Laat dit zo").click()
    expect(page.locator("main")).to_contain_text("1 factuur staat daar anders dan hier.")
    page.get_by_role("button", name="Vergelijk nu").click()
    expect(page.get_by_role("heading", name="Bezig met vergelijken")).to_be_visible()
    process("vos")
    rounds.carry_out(vos.deps, vos.actor)
    page.get_by_role("link", name="Ververs").first.click()
    expect(page.get_by_role("button", name="Vergelijk nu")).to_be_visible()


def test_from_what_vanished_there_the_way_leads_to_the_order_and_its_choices(
    site: SimpleNamespace, vos: SimpleNamespace, sandbox: Sandbox, open_page: Callable[..., Page]
) -> None:
    numbers = apart(vos, sandbox)
    page = open_page()
    log_in(page, site, "office")
    page.goto(f"{site.url}{ROOM}", wait_until="domcontentloaded")
    page.get_by_role("link", name=numbers[0]).click()
    page.get_by_role("link", name="Naar werkbon").click()
    expect(page.locator("#invoice")).to_contain_text(f"Factuur {numbers[0]} staat niet meer in e-Boekhouden")
    page.evaluate("window.scrollTo(0, 0)")
    take(page, "verdwenen-daar")
    wait_for_htmx(page)
    page.get_by_role("button", name="Opnieuw versturen").click()
    expect(page.locator("#invoice")).to_contain_text("staat klaar in e-Boekhouden")
    assert numbers[0] in {one["Factuurnummer"] for one in sandbox.invoices("demo")}


def test_when_our_data_are_behind_the_way_leads_to_what_is_not_known_here(
    site: SimpleNamespace, vos: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    posted(vos, 1)
    said = f"Werkbon {vos.order_number}, uitgevoerd 18-11-2026: ander werk"
    put_a_foreign_invoice(vos, numbered(2, "WB"), said)
    put_a_foreign_invoice(vos, numbered(3, "WB"), f"Werkbon {numbered(900)}, uitgevoerd 18-11-2026: werk")
    held(vos)
    page = open_page()
    log_in(page, site, "owner")
    page.goto(f"{site.url}{ROOM}", wait_until="domcontentloaded")
    expect(page.locator("main")).to_contain_text("Daar staan facturen van u die hier niet bekend zijn")
    page.locator("main").get_by_role("link", name="Bekijk welke").first.click()
    expect(page.get_by_role("heading", name=f"Factuur {numbered(3, 'WB')}")).to_be_visible()
    take(page, "onze-gegevens-lopen-achter")
