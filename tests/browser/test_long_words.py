"""No text can make a page wider than the screen: everything that people type is as long as it may be, in one word
without a space, on the day of the longest date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page
from sqlalchemy import String, select

from services.company import tenants
from services.transaction import write_transaction
from tenancy.database import Base
from tests.browser.conftest import log_in
from tests.browser.test_every_page import pages_of
from tests.isolation.test_queries import add_much
from tests.support import clock
from tests.support.cast import process
from tests.support.sandbox_process import Sandbox

WORD = "Grondwaterbeschermingsgebiedsontheffingsaanvraagformulierenkastsleutelbewaarder"
LATE = datetime(2027, 9, 29, 21, 58, tzinfo=UTC)  # woensdag 29 september, two minutes to midnight in Amsterdam
# What people or the bookkeeping write, by name of the column; the rest are keys and words of our own.
TYPED = re.findall(
    r"\w+",
    """name contact address postcode city country phone mobile vat_number coc_number iban description unit title notes
    office_note work_done text why reason username administration by person_name on_behalf_of subject_name started_by
    ticket device error not_billable_reason template""",
)
KEPT = {"audit_entry", "audit_seal", "login_session", "token", "mail", "throttle"}


def stretch(slug: str) -> None:
    """Put one long word in everything typed that a tenant has."""
    process(slug)
    with write_transaction() as session:
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            names = {column.name: column.type.length or 200 for column in table.columns
                     if column.name in TYPED and isinstance(column.type, String)}  # fmt: skip
            if table.name in KEPT or not names:
                continue
            for n, row in enumerate(session.scalars(select(mapper.class_))):
                for name, length in names.items():
                    setattr(row, name, f"{n}{WORD * 10}"[:length])
    tenants.leave()


@pytest.fixture
def late() -> Iterator[None]:
    """The last minutes of the day with the longest name."""
    with clock.at(LATE):
        yield


@pytest.mark.parametrize(("who", "width"), [("owner", 360), ("owner", 768), ("owner", 1280), ("worker", 360)])
@pytest.mark.timeout(240)
def test_no_word_makes_a_page_wider_than_the_screen(
    late: None, site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page],
    who: str, width: int,
) -> None:  # fmt: skip
    with site.app.app_context():
        add_much(cast.vos, 1, 10)
        stretch("vos")
        addresses = pages_of(site, cast)
    page = open_page(width=width)
    log_in(page, site, who)
    wrong, looked = [], 0
    for address in addresses:
        answer = page.goto(site.url + address, wait_until="load")
        if answer is None or answer.status in (403, 404) or "/invoice" in address:
            continue
        assert answer.status == 200, address
        looked += 1
        over = page.evaluate(WIDER)
        if over:
            wrong.append(f"{address}: {over}")
    assert wrong == [], "\n".join(wrong)
    assert looked >= {"owner": 30, "worker": 5}[who]


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
