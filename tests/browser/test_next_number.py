"""Another next number, chosen in the strook: on a phone and a desk, with a script and without."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from services.invoicing import press
from tests.browser.conftest import log_in
from tests.browser.test_questions import picture, right
from tests.services.test_numbers_in_use import of_others
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("javascript", [True, False], ids=["htmx", "without JavaScript"])
def test_a_number_is_chosen_where_one_reads_why(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int,
    javascript: bool,
) -> None:  # fmt: skip
    with site.app.app_context():
        vos = SimpleNamespace(deps=site.app.extensions["crafter"], actor=process("vos"))
        of_others(vos, 9)
        sandbox.mischief("demo", [{"operation": "GetFacturen", "kind": "html_503", "skip": 1}])
        press.approve(vos.deps, vos.actor, cast.vos.order_id)
    page = open_page(width=width, javascript=javascript)
    log_in(page, site, "owner")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}")
    field = page.get_by_label("Volgend nummer")
    expect(field).to_have_value("5")
    if javascript:  # axe runs in the page
        right(page)
    picture(page, "numbers-in-use")
    field.fill("3")
    page.get_by_role("button", name="Verder vanaf dit nummer").click()
    expect(page.locator(".field-error")).to_contain_text("al uitgegeven")
    expect(field).to_have_value("3")
    if javascript:  # axe runs in the page
        right(page)
    picture(page, "number-refused")
    field.fill("10")
    page.get_by_role("button", name="Verder vanaf dit nummer").click()
    expect(page.locator("#strook-title")).to_contain_text("staat klaar")
