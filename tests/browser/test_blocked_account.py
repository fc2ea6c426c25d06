"""A subcontractor with a blocked account: what was agreed is filled in, shown before the press, and in the books."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Relation
from services.transaction import write_transaction
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.browser.test_order_number import picture
from tests.services.test_customer_of_an_invoice import change_there
from tests.services.test_vat_on_the_invoice import BUILDER
from tests.support.cast import line, make_order, process
from tests.support.sandbox_process import Sandbox

ACCOUNT = "NL91ABNA0417164300"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_an_invoice_with_reversed_vat_tells_the_wage_part_and_the_blocked_account(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    with site.app.app_context():
        actor = process("vos")
        change_there(sandbox, "1001", BP="B", BTWNummer=BUILDER)
        with write_transaction() as session:
            row = session.scalars(select(Relation).where(Relation.id == cast.vos.relation_id)).one()
            row.is_company, row.vat_number = True, BUILDER
        pipe = line(vat_code="low", kind="article", code="40118", description="Buis")
        order_id = make_order(actor, cast.vos.relation_id, lines=(line(), pipe), location_id=cast.vos.location_id)
    page = open_page(width=width, javascript=javascript)
    seen = [too_wide, found_by_axe] if javascript else [too_wide]

    def looks_right(name: str) -> None:
        picture(page, name)
        assert [look(page) for look in seen] == ([0, []] if javascript else [0])

    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/relations/{cast.vos.relation_id}", wait_until="load")
    page.get_by_label("Btw op de factuur").select_option("reversed")
    page.get_by_text("Ketenaansprakelijkheid (WKA) en G-rekening").click()
    page.get_by_label("Loonbestanddeel, procent van de arbeid").fill("60%")
    page.get_by_label("Naar uw G-rekening, procent van het loon").fill("40")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.get_by_text("Wat u van deze klant bijhoudt, is opgeslagen.")).to_be_visible()
    expect(page.get_by_label("Loonbestanddeel, procent van de arbeid")).to_be_visible()
    looks_right("relation")

    bon = f"{site.url}/t/vos/work-orders/{order_id}"
    page.goto(bon, wait_until="load")
    expect(page.locator("#invoice")).to_contain_text("Het nummer van uw G-rekening ontbreekt")
    looks_right("blocked")
    page.get_by_role("link", name="G-rekening invullen").click()
    field = page.get_by_label("IBAN van uw G-rekening")
    expect(field).to_be_focused()
    field.fill("NL91 ABNA 0417 1643 01")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.locator("#g_account-error")).to_contain_text("Dit IBAN klopt niet.")
    expect(field).to_have_value("NL91 ABNA 0417 1643 01")
    field.fill("NL91 ABNA 0417 1643 00")
    page.get_by_role("button", name="Opslaan", exact=True).click()
    expect(page.get_by_text("De bedrijfsgegevens zijn opgeslagen.")).to_be_visible()
    looks_right("company")

    page.goto(f"{bon}/edit", wait_until="load")
    page.get_by_label("Loonbestanddeel (WKA)").fill("80")
    looks_right("form")
    page.get_by_role("button", name="Opslaan", exact=True).last.click()
    page.wait_for_url(bon)
    slip = page.locator("#invoice")
    expect(slip).to_contain_text(re.compile(r"Loonbestanddeel\s*€\s80,00\s*Zo staat het op deze bon\."))
    expect(slip).to_contain_text(re.compile(r"Naar uw G-rekening\s*€\s32,00\s*40% van het loonbestanddeel"))
    looks_right("ready")
    page.get_by_role("button", name="Gecontroleerd: plaats factuur").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar in e-Boekhouden")
    expect(page.locator("#invoice")).to_contain_text("Loonbestanddeel € 80,00")
    looks_right("posted")

    (invoice,) = sandbox.invoices("demo")
    first, pipe_, *said = invoice["Regels"]
    assert (first["BTWCode"], pipe_["BTWCode"]) == ("VERL_VERK", "VERL_VERK_L9")
    assert [row["Omschrijving"] for row in said] == [
        f"Btw verlegd naar afnemer, btw-id {BUILDER}",
        "Loonbestanddeel € 80,00",
        "Te betalen op G-rekening NL91 ABNA 0417 1643 00: € 32,00 (40% van het loonbestanddeel)",
    ]
    assert {Decimal(row["PrijsPerEenheid"]) for row in said} == {0}
