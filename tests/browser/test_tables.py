"""Tables stay readable: a word of ordinary length is never broken, however narrow its column."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from services.company import tenants
from services.invoicing import press
from tests.browser.conftest import log_in
from tests.browser.test_every_page import pages_of
from tests.isolation.test_queries import add_much
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

# Every word of at most twelve letters in a cell that stands on more than one line.
BROKEN = """() => {
  const broken = [];
  for (const cell of document.querySelectorAll(".tbl :is(th, td)")) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest(".visually-hidden, .text-break")) continue; // .text-break: an e-mail address
      for (const word of node.data.matchAll(/[\\p{L}\\d]{2,12}(?![\\p{L}\\d])/gu)) {
        if (/[\\p{L}\\d]/u.test(node.data[word.index - 1] ?? "")) continue; // the end of a longer one
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""


@pytest.mark.parametrize("width", [360, 800, 1280])
@pytest.mark.timeout(240)
def test_no_ordinary_word_in_a_table_is_broken(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page], width: int
) -> None:
    with site.app.app_context():
        sandbox.mischief("demo", [{"operation": "AddFactuur", "kind": "refuse", "code": "CFACT025", "text": "x"}])
        press.approve(site.app.extensions["crafter"], process("vos"), cast.vos.order_id)  # a number with a long word
        tenants.leave()
        add_much(cast.vos, 1, 10)
        addresses = pages_of(site, cast)
    page, broken, tables = open_page(width=width), {}, 0
    log_in(page, site, "owner")
    for address in addresses:
        page.goto(site.url + address, wait_until="load")
        tables += page.locator(".tbl").count()
        if words := page.evaluate(BROKEN):
            broken[address] = words
    assert broken == {}
    assert tables > 10
