"""Who looks like the customer that is being typed, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from playwright.sync_api import Page, expect

from domain.relation import RelationDetails
from services.catalogue import relations
from tests.browser.conftest import found_by_axe, log_in, too_wide
from tests.support.cast import process

TYPED = RelationDetails("Bakkerij De Oven", city="Waterveen", email="info@deoven.example")


def test_it_is_shown_while_one_types_and_taken_instead(site: SimpleNamespace, open_page: Callable[..., Page]) -> None:
    with site.app.app_context():
        known = relations.create(process("vos"), TYPED)
    page = open_page(width=360)
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/relations/new")
    page.get_by_label("Naam").fill("De Oven")
    page.get_by_label("E-mailadres").fill("info@deoven.example")
    shown = page.locator("#alike[aria-live=polite] a")
    expect(shown).to_have_text("Bakkerij De Oven, Waterveen")
    page.get_by_label("E-mailadres").fill("ander@deoven.example")
    expect(shown).to_have_count(0)
    page.get_by_label("E-mailadres").fill("info@deoven.example")
    page.get_by_role("button", name="Opslaan").click()
    take = page.get_by_role("button", name="Neem deze: Bakkerij De Oven")
    expect(take).to_be_visible()
    assert (too_wide(page), found_by_axe(page)) == (0, [])
    take.click()
    expect(page).to_have_url(f"{site.url}/t/vos/relations/{known}")
