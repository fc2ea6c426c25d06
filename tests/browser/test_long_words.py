"""No text can make a page wider than the screen: everything that people type is as long as it may be, in one word
without a space, on the day of the longest date. And nothing that has the focus lies under a bar, however low the
window: 320 by 256 is a screen of 1280 by 1024 at 400 %, 640 by 360 a telephone on its side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page
from sqlalchemy import String, select

from services.company import tenants
from services.transaction import write_transaction
from tenancy.database import Base
from tests.browser.conftest import log_in
from tests.browser.test_every_page import OWN, pages_of
from tests.browser.test_every_word import of_support
from tests.isolation.test_queries import add_much
from tests.support import clock
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

WORD = "Grondwaterbeschermingsgebiedsontheffingsaanvraagformulierenkastsleutelbewaarder"
LINK = "https://www.leverancier.example/" + "handleiding-van-de-ketel" * 4 + "?versie=12"  # of 139 characters
# Beside words: a link, a script from right to left, signs that are several letters of Unicode, Chinese without blanks.
HOSTILE = (
    WORD * 10,
    LINK + "&x=" + "9" * 400,
    "\u202eمعالجةالمياهالجوفية" * 30,
    "👩🏽‍🔧🏳️‍🌈" * 40,
    "水處理設施維護" * 60,
)
LATE = datetime(2027, 9, 29, 21, 58, tzinfo=UTC)  # woensdag 29 september, two minutes to midnight in Amsterdam
# What people or the bookkeeping write, by name of the column; the rest are keys and words of our own.
TYPED = re.findall(
    r"\w+",
    """name contact address postcode city country phone mobile vat_number coc_number iban description unit title notes
    office_note work_done text why reason username administration by person_name on_behalf_of subject_name started_by
    ticket device error not_billable_reason template""",
)
KEPT = {"audit_entry", "audit_seal", "login_session", "token", "mail", "throttle"}


def stretch(slug: str, texts: Sequence[str]) -> None:
    """Put a text without a blank in everything typed that a tenant has, of another kind in the next."""
    process(slug)
    with write_transaction() as session:
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            names = {column.name: column.type.length or 200 for column in table.columns
                     if column.name in TYPED and isinstance(column.type, String)}  # fmt: skip
            if table.name in KEPT or not names:
                continue
            for n, row in enumerate(session.scalars(select(mapper.class_))):
                for m, (name, length) in enumerate(names.items()):
                    kind = 0 if n == 0 else n + m  # a word is the widest, so the first of each has it
                    setattr(row, name, f"{n}{texts[kind % len(texts)]}"[:length])
    tenants.leave()


@pytest.fixture
def late() -> Iterator[None]:
    """The last minutes of the day with the longest name."""
    with clock.at(LATE):
        yield


LOOKED = {"owner": 30, "worker": 5, "support": 5}  # pages at least


@pytest.mark.parametrize(
    ("who", "width", "height"),
    [
        ("owner", 320, 256), ("owner", 768, 800), ("owner", 1280, 800), ("support", 320, 256),
        ("worker", 320, 256), ("worker", 360, 800), ("worker", 640, 360),
    ],
)  # fmt: skip
@pytest.mark.timeout(480)
def test_no_text_makes_a_page_wider_than_the_screen_and_no_bar_covers_the_focus(
    late: None, site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page],
    who: str, width: int, height: int,
) -> None:  # fmt: skip
    with site.app.app_context():
        add_much(cast.vos, 1, 10)
        stretch("vos", HOSTILE if width < 768 else HOSTILE[:1])
        addresses = of_support(site) if who == "support" else [*pages_of(site, cast), *OWN]
    page = open_page(width=width, height=height)
    log_in(page, site, who, lands="**/support/**" if who == "support" else "**/t/**")
    wrong, looked = [], 0
    for address in addresses:
        answer = page.goto(site.url + address, wait_until="load")
        if answer is None or answer.status in (403, 404) or "/invoice" in address:
            continue
        assert answer.status == 200, address
        looked += 1
        covered = page.evaluate(COVERED) if height < 500 else []
        wrong += [f"{address}: {said}" for said in (page.evaluate(WIDER), *covered) if said]
        if f"/work-orders/{cast.vos.order_id}" in address:
            page.emulate_media(media="print")
            wrong += [f"{address} on paper: {said}" for said in [page.evaluate(WIDER)] if said]
            page.emulate_media(media="screen")
    assert wrong == [], "\n".join(wrong)
    assert looked >= LOOKED[who]


def test_a_bar_over_the_focus_is_seen(
    site: SimpleNamespace, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    page = open_page(width=320, height=256)
    log_in(page, site, "worker")
    page.goto(f"{site.url}/t/vos/work-orders/{cast.vos.order_id}", wait_until="load")
    assert page.evaluate(COVERED) == []
    page.evaluate("document.querySelector('.tabbar').style = 'position: fixed; inset: 20px 0 0'")
    assert page.evaluate(COVERED) != []


WIDER = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return null;
  const clipped = n => { for (let p = n.parentElement; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; };
  const out = [...document.querySelectorAll('body *')].filter(
    n => n.getBoundingClientRect().right > page.clientWidth + 0.5 && !clipped(n));
  const first = out.find(n => ![...n.children].some(c => out.includes(c))) || out[0];
  return `${page.scrollWidth - page.clientWidth} px too wide: ${first ? first.outerHTML.slice(0, 120) : '?'}`;
}"""

# Each thing that can have the focus gets it, as with Tab; what then stands at its middle, or at one of its ends, has to
# be the thing itself or something around or in it.
COVERED = """() => {
  const wrong = [];
  document.documentElement.style.scrollBehavior = 'auto';  // there at once, for what is looked at in the same breath
  const all = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  for (const one of document.querySelectorAll(all)) {
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({visibilityProperty: true})) continue;
    if (one.closest('.skip, .visually-hidden')) continue;
    one.focus();
    if (document.activeElement !== one) continue;
    const {clientWidth, clientHeight} = document.documentElement;
    const seen = [...one.getClientRects()].some(box => {
      const [left, right] = [Math.max(box.left, 0), Math.min(box.right, clientWidth)];
      const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, clientHeight)];
      if (right <= left || bottom <= top) return false;
      return [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5]].some(([x, y]) => {
        const there = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
        const own = [one, ...one.labels ?? []].some(part => part.contains(there));
        return there && (own || there.contains(one));
      });
    });
    if (!seen) wrong.push('covered when it has the focus: ' + one.outerHTML.slice(0, 100));
  }
  return wrong.slice(0, 3);
}"""
