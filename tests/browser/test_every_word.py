"""Every word on every page is a text of the catalogue, or somebody's data: the pages are read in a language whose texts
stand in ⟦ ⟧, by a company that writes Greek. A Latin letter outside is a word that nobody can translate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from babel.support import NullTranslations
from playwright.sync_api import Page
from sqlalchemy import JSON, Connection, String, Text, select, update

from blueprints._words import Words
from blueprints.help.topics import BY_SLUG
from domain import posting
from domain.languages import LANGUAGES, LOCALES
from domain.message import Message
from models import BillingClaim, InvoicePosting
from models._stored import StoredMessage
from services.transaction import write_transaction
from tenancy.database import Base, db
from tests.browser.conftest import log_in, wait_for_htmx
from tests.browser.test_every_page import DOORS, OWN, pages_of
from tests.isolation.test_queries import add_much
from tests.services.test_audit_seals import tamper
from tests.support import words
from tests.support.cast import connect, process
from tests.support.sandbox_process import Sandbox

PRETENDED = "el"
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")
GREEK = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "αβκδεφγηιξκλμνοπκρστυβωχυζΑΒΚΔΕΦΓΗΙΞΚΛΜΝΟΠΚΡΣΤΥΒΩΧΥΖ"
)
# What people type or what the books say; other columns hold keys, codes and addresses.
WRITTEN = {
    "name", "title", "description", "address", "city", "contact", "country", "notes", "unit", "work_done",
    "office_note", "not_billable_reason", "administration", "template", "username", "by", "started_by", "person_name",
    "on_behalf_of", "subject_name", "reason", "suspended_reason", "text", "ticket", "dwelling_declared_by",
    "administration.label", "article.code", "line_default.code", "work_order_line.code",
}  # fmt: skip
# Names that are the same everywhere, the bookkeeping's own menus, and its code for the language it is written in.
NAMES = (
    "Crafter", "e-Boekhouden.nl", "e-Boekhouden", "IBAN", "Chrome", "Linux", "Firefox", "Safari",
    "Beheer › Inrichting › Koppelingen › API › API/SOAP", "Factureren", "Facturen", "Overzicht", "QR",
)  # fmt: skip
# ... and what is no word: an address, a number of ours, a code of theirs, a VAT number, the short name of a company.
ADDRESS = re.compile(r"\S+@\S+|https?://\S+")
DATA = re.compile(
    r"(?<!\S)/[\w/.<>:?=-]+|\b[A-Z]{1,8}\d[\w.-]*|\bHTTP \d+|\b[0-9a-f-]{16,}|\b\d{4} ?[A-Z]{2}\b|\b(?:vos|buur)\b"
    r"|\b\d[\d,.]* (?:s|min)\b"  # a unit is the same in every language
)
READ = """() => {
  const apart = 'script, style, template, noscript, code, kbd, samp, .key-code, [lang]:not(html)';
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (!node.parentElement.closest(apart)) found.push(node.data);
  const said = [];
  for (const element of document.querySelectorAll('[alt], [title], [placeholder], [aria-label], input[type=submit]'))
    for (const name of ['alt', 'title', 'placeholder', 'aria-label'])
      if (element.hasAttribute(name) && !element.closest(apart)) said.push(element.getAttribute(name));
  return [found.join(' '), ...said];
}"""


class Bracketed(NullTranslations):
    """Texts of the catalogue in brackets that leave the places out, so that what is put there is looked at itself."""

    def __init__(self) -> None:
        super().__init__()
        listed = words.messages(words.translated(words.OTHERS[0]))
        self.known = {
            form for message in listed for form in ([message.id] if isinstance(message.id, str) else message.id)
        }

    def gettext(self, message: str) -> str:
        """A text of ours in brackets; what is none stands as it is."""
        return f"⟦{PLACES.sub(lambda place: f'⟧{place[0]}⟦', message)}⟧" if message in self.known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The same for a text with a number in it."""
        return self.gettext(msgid1 if n == 1 else msgid2)

    ugettext, ungettext = gettext, ngettext  # type: ignore[assignment]


def outside(text: str) -> list[str]:
    """The words with Latin letters that stand outside brackets and are no name and no data."""
    depth, kept = 0, []
    for letter in text:
        depth += {"⟦": 1, "⟧": -1}.get(letter, 0)
        kept.append(letter if depth <= 0 and letter not in "⟦⟧" else " " if letter in "⟦⟧" else "")
    bare = ADDRESS.sub(" ", " ".join("".join(kept).split()))
    for name in (*NAMES, *LANGUAGES.values()):
        bare = bare.replace(name, " ")
    bare = DATA.sub(" ", bare)
    return re.findall(r"[^\W\d_]*[A-Za-z][^\W\d_]*", bare)


def in_greek(value: Any) -> Any:
    """Data in Greek letters; the keys of notes in it stay."""
    if isinstance(value, str):
        return value.translate(GREEK)
    if isinstance(value, Message):
        return replace(value, values={name: in_greek(one) for name, one in value.values.items()})
    if isinstance(value, list):
        return [in_greek(one) for one in value]
    if isinstance(value, dict):
        return {key: one if key in {"key", "path"} else in_greek(one) for key, one in value.items()}
    return value


def write_greek() -> None:
    """Everything that people typed, of everybody, in Greek letters; the audit trail too, which only grows otherwise."""

    def deed(connection: Connection) -> None:
        for table in Base.metadata.sorted_tables:
            columns = [
                column
                for column in table.columns
                if isinstance(column.type, JSON | StoredMessage)
                or ({column.name, str(column)} & WRITTEN and type(column.type) in (String, Text))
            ]
            for row in connection.execute(select(*table.primary_key.columns, *columns)).all() if columns else ():
                mine = [column == getattr(row, column.name) for column in table.primary_key.columns]
                values = {column.name: in_greek(getattr(row, column.name)) for column in columns}
                connection.execute(update(table).where(*mine).values(values))
        for name in ("person", "tenant"):
            connection.execute(update(Base.metadata.tables[name]).values(language=PRETENDED))

    tamper(deed)


@pytest.fixture
def pretended(site: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language more than there are, whose texts stand in brackets and whose days and numbers are Greek."""
    with site.app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("words are the same on every database, and the app's role on PostgreSQL cannot tamper")
    monkeypatch.setitem(LANGUAGES, PRETENDED, "Ελληνικά")
    monkeypatch.setitem(LOCALES, PRETENDED, "el_GR")
    site.app.extensions["words"][PRETENDED] = Words(Bracketed())
    yield
    del site.app.extensions["words"][PRETENDED]


def in_every_state(site: SimpleNamespace, cast: SimpleNamespace) -> list[str]:
    """The addresses of orders whose invoices are in every state, besides those of `pages_of`."""
    process("vos")
    with write_transaction() as session:
        rows = session.scalars(select(InvoicePosting).order_by(InvoicePosting.number)).all()
        states = [
            posting.POSTED,
            posting.REFUSED,
            posting.NOT_SENT,
            posting.UNCERTAIN,
            posting.CONFLICT,
            posting.SENDING,
        ]
        for row, state in zip(rows, states, strict=False):
            row.state = state
            if state == posting.REFUSED:
                row.code, row.text = "CFACT028", "Sjabloon bestaat niet"
        orders = session.scalars(select(BillingClaim.order_id)).all()
    assert len(orders) >= len(states)
    return [f"/t/vos/work-orders/{order_id}" for order_id in orders]


def of_support(site: SimpleNamespace) -> list[str]:
    """The pages of support outside a tenant."""
    rules = [rule for rule in site.app.url_map.iter_rules() if rule.endpoint.startswith("support.")]
    assert len(rules) > 5
    return [rule.rule.replace("<slug>", "vos") for rule in rules if "GET" in (rule.methods or set())]


def read(page: Page, address: str) -> list[str]:
    """What stands on a page outside brackets."""
    answer = page.goto(address, wait_until="domcontentloaded")
    assert answer is not None
    assert answer.status in (200, 403, 404), f"{address}: {answer.status}"
    if "/invoice" not in address:
        wait_for_htmx(page)
        assert page.evaluate("document.documentElement.lang") == PRETENDED
    return [f"{address}: {word}" for text in page.evaluate(READ) for word in outside(text)]


def test_a_word_outside_is_seen() -> None:
    assert outside("⟦Regel ⟧Αθηνα⟦ van ⟦twee⟧⟧ rest 2026-0001 WB2026-0001 jan@x.nl Crafter naam") == ["rest", "naam"]
    assert Bracketed().gettext("Werkbon %(number)s") == "⟦Werkbon ⟧%(number)s⟦⟧"
    assert Bracketed().gettext("dit staat in geen catalogus") == "dit staat in geen catalogus"


@pytest.mark.usefixtures("pretended")
@pytest.mark.timeout(600)
def test_every_word_under_a_tenant_is_translated_or_data(
    site: SimpleNamespace,
    sandbox: Sandbox,
    cast: SimpleNamespace,
    open_page: Callable[..., Page],
) -> None:
    with site.app.app_context():
        add_much(cast.vos, 1, 60)
        connect(site.app.extensions["crafter"], "vos", sandbox.credentials("demo"))
        addresses = [*pages_of(site, cast), *in_every_state(site, cast)]
        addresses += [f"/t/vos/help/{topic}" for topic in BY_SLUG]
        write_greek()
    left = []
    for who in ("owner", "worker"):
        page = open_page()
        log_in(page, site, who)
        left += [text for address in addresses for text in read(page, site.url + address)]
    assert left == [], "\n".join(sorted(set(left)))


@pytest.mark.usefixtures("pretended")
@pytest.mark.timeout(240)
def test_every_word_outside_a_tenant_is_translated_or_data(
    site: SimpleNamespace, sandbox: Sandbox, cast: SimpleNamespace, open_page: Callable[..., Page]
) -> None:
    with site.app.app_context():
        write_greek()
    page = open_page(language="el-GR")
    left = [text for path in DOORS for text in read(page, site.url + path)]
    page = open_page()
    log_in(page, site, "planner")
    left += [text for path in OWN for text in read(page, site.url + path)]
    page = open_page()
    log_in(page, site, "support", lands="**/support/**")
    left += [text for path in of_support(site) for text in read(page, site.url + path)]
    assert left == [], "\n".join(sorted(set(left)))
